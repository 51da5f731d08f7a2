// Parts of a conversation: messages, the summary, and its rating.

import { call, newKey } from "./api.js";
import { alertBox, announce, button, el, field, note } from "./dom.js";
import { onSound, playSound, stopSound } from "./player.js";
import { formatClock, starsText, t } from "./texts.js";

const HEADINGS = {
  "KEY DISCUSSION POINTS": "keyDiscussionPoints",
  "MAIN BREAKTHROUGHS": "mainBreakthroughs",
  "ACTION PLAN": "actionPlan",
  "FINAL NOTE": "finalNote",
};

/** A message; `setText`, `setAudio` and `setTime` change it. */
export function messageElement({ sender, text = "", timestamp, audioUrl, id }) {
  const time = el("time", {});
  const body = el("p", { class: "text", dir: "auto" }, text);
  const foot = el("div", { class: "foot" }, time);
  const name = t(sender === "ai" ? "coach" : "you");
  const element = el("article", { class: `message ${sender}`, "aria-label": name, tabindex: "-1" },
    el("p", { class: "who" }, name), body, foot);
  let sound = null;
  const message = {
    element,
    setText(next) {
      body.textContent = next;
    },
    addText(more) {
      body.append(more);
    },
    text: () => body.textContent,
    setId(next) {
      element.dataset.id = next;
    },
    setTime(next) {
      time.dateTime = next;
      time.textContent = formatClock(next);
    },
    setAudio(url) {
      sound?.remove();
      sound = url ? soundButton(url) : null;
      if (sound) foot.append(sound);
    },
  };
  if (id) message.setId(id);
  if (timestamp) message.setTime(timestamp);
  message.setAudio(audioUrl);
  return message;
}

/** Plays and stops one sound. */
function soundButton(url) {
  const play = button(t("hear"), async () => {
    if (play.textContent === t("stopSound")) {
      stopSound();
      return;
    }
    try {
      await playSound(url);
    } catch {
      play.replaceWith(el("span", { class: "hint" }, t("soundFailed")));
      announce(t("soundFailed"));
    }
  }, { class: "quiet" });
  const stopListening = onSound((playing) => {
    if (!play.isConnected && playing === null) stopListening();
    play.textContent = playing === url ? t("stopSound") : t("hear");
  });
  return play;
}

/** The sections of a closing summary. */
function summarySections(summary) {
  const sections = [];
  for (const line of summary.split("\n")) {
    const [, heading, rest] = line.match(/^([A-Z][A-Z ]+):\s*(.*)$/) ?? [];
    if (heading) sections.push({ heading, lines: [] });
    else if (!sections.length) sections.push({ heading: "", lines: [] });
    const text = (heading ? rest : line).trim();
    if (text) sections.at(-1).lines.push(text);
  }
  return sections;
}

/** A summary, laid out by its headings. */
export function summaryElement(summary) {
  const card = el("section", { class: "card summary", "aria-label": t("summary") });
  card.append(el("h2", {}, t("summary")));
  for (const { heading, lines } of summarySections(summary)) {
    const known = HEADINGS[heading];
    if (heading) card.append(el("h3", {}, known ? t(known) : heading));
    let list = null;
    for (const line of lines) {
      const item = line.match(/^(?:[-•*]|\d+[.)])\s+(.*)$/)?.[1];
      if (item) {
        if (!list) card.append((list = el("ul")));
        list.append(el("li", { dir: "auto" }, item));
      } else {
        list = null;
        card.append(el("p", { dir: "auto" }, line));
      }
    }
  }
  return card;
}

/** Stars and feedback of a session that has ended. A click on a star is saved at once. */
export function ratingElement(session, { rating, feedback }) {
  const alert = alertBox();
  const saved = note();
  const words = field(t("feedback"), { rows: 3, maxlength: 4000 }, "textarea");
  words.input.value = feedback ?? "";
  let stars = rating;
  const save = async (text) => {
    alert.clear();
    const json = { rating: stars, feedback: words.input.value.trim() || null };
    try {
      await call("POST", `/api/sessions/${session}/rating`, { json, key: newKey() });
      saved.textContent = text;
    } catch (error) {
      alert.show(error.message);
    }
  };
  const send = button(t("sendFeedback"), () => save(t("feedbackSaved")), { disabled: !stars });
  const choose = (n) => {
    stars = n;
    send.disabled = false;
    for (const label of scale.querySelectorAll("label")) {
      label.classList.toggle("on", Number(label.dataset.n) <= n);
    }
  };
  const change = (n) => () => {
    choose(n);
    save(t("rated", { n }));
  };
  const star = (n) => el("label", { "data-n": n, class: n <= (rating ?? 0) ? "on" : null },
    el("input", { type: "radio", name: `stars-${session}`, value: n, checked: n === rating,
      "aria-label": starsText(n), on: { change: change(n) } }),
    el("span", { "aria-hidden": "true" }, "★"));
  const scale = el("fieldset", { class: "stars" }, el("legend", {}, t("rate")),
    [1, 2, 3, 4, 5].map(star));
  return el("section", { class: "card", "aria-label": t("rate") }, scale, words, alert.element,
    el("div", { class: "row" }, send, saved));
}

/** All messages of a session, page by page. */
export async function fetchMessages(session, signal) {
  const messages = [];
  let cursor = null;
  do {
    const query = new URLSearchParams({ limit: 200, ...(cursor && { cursor }) });
    const page = await call("GET", `/api/sessions/${session}/messages?${query}`, { signal });
    messages.push(...page.messages);
    cursor = page.nextCursor;
  } while (cursor);
  return messages;
}
