// Look back: one's sessions, and one of them with all that was said.

import { account, call, isAnonymous, onAccountChange } from "./api.js";
import { fetchMessages, messageElement, ratingElement, summaryElement } from "./conversation.js";
import {
  alertBox, announce, button, confirm, download, el, note, signInLink, signInNote,
} from "./dom.js";
import { stopSound } from "./player.js";
import { browserSessions, removeBrowserSession } from "./store.js";
import { formatTime, starsText, t } from "./texts.js";

/** Sessions of this browser that are looked up at a time. */
const PAGE = 20;

export function createLookBack(talk, config) {
  const element = el("div", { class: "look-back" });
  // Whoever leaves the view is not shown what arrives later.
  let visit = 0;

  onAccountChange(() => {
    if (!account()) element.replaceChildren();
  });

  async function showList() {
    const mine = (visit += 1);
    if (config.signInRequired && !account()) {
      element.replaceChildren(...signInNote(config));
      return;
    }
    const alert = alertBox();
    const list = el("ul", { class: "sessions" });
    const foot = el("div", { class: "row" }, note(t("loading")));
    element.replaceChildren(alert.element, list, foot);
    const pages = isAnonymous() ? browserPages() : accountPages();
    const next = async () => {
      try {
        const { value, done } = await pages.next();
        if (mine !== visit) return;
        list.append(...(value ?? []).map(entry));
        foot.replaceChildren();
        if (!done && !value.isLast) foot.append(button(t("more"), next));
        else if (!list.children.length) foot.append(el("p", {}, t("noSessions")));
      } catch (error) {
        if (mine !== visit) return;
        foot.replaceChildren();
        // If the login has ended, the list is gone.
        element.prepend(alert.element);
        alert.show(error.message,
          error.status === 401 ? signInLink(config) : button(t("tryAgain"), showList));
      }
    };
    await next();
    if (mine === visit && !isAnonymous()) showBrowserSessions();
  }

  /** Sessions begun here before signing in, which may become the account's. */
  function showBrowserSessions() {
    const ids = browserSessions();
    if (!ids.length) return;
    const alert = alertBox();
    const claim = button(t("claim"), async () => {
      let claimed = 0;
      for (const id of ids) {
        try {
          await call("POST", `/api/sessions/${id}/claim`);
          claimed += 1;
        } catch (error) {
          if (error.code !== "SESSION_NOT_FOUND") {
            alert.show(error.message);
            return;
          }
        }
        removeBrowserSession(id);
      }
      announce(t("claimed", { n: claimed }));
      showList();
    });
    element.append(el("section", { class: "card" }, el("p", {}, t("browserOnly")),
      alert.element, claim));
  }

  function entry(session) {
    const facts = [
      formatTime(session.createdAt),
      t("messages", { n: session.messageCount }),
      session.durationSeconds && t("minutes", { n: Math.ceil(session.durationSeconds / 60) }),
      session.status === "active" && t("running"),
    ];
    return el("li", { class: "card" },
      el("a", { href: `#/look-back/${session.sessionId}` }, facts[0]),
      el("p", { class: "hint" }, facts.slice(1).filter(Boolean).join(" · ")),
      session.rating && el("p", { class: "rated", role: "img",
        "aria-label": starsText(session.rating) }, "★".repeat(session.rating)),
      session.summary && el("p", { class: "excerpt", dir: "auto" }, excerpt(session.summary)));
  }

  async function showSession(id, messageId) {
    const mine = (visit += 1);
    const alert = alertBox();
    element.replaceChildren(alert.element, note(t("loading")));
    let session, messages, ended;
    try {
      session = await call("GET", `/api/sessions/${id}`);
      messages = await fetchMessages(id);
      if (session.status === "ended") {
        ended = await storedEnd(id);
      }
    } catch (error) {
      if (mine !== visit) return;
      element.replaceChildren(alert.element, back());
      alert.show(error.message);
      return;
    }
    if (mine !== visit) return;
    // The closing summary is also the last message of a session that the coach has ended.
    const closing = messages.find(({ text }) => text === ended?.summary);
    const items = messages.filter((message) => message !== closing).map(messageElement);
    const card = ended && summaryElement(ended.summary);
    const log = el("section", { class: "log", "aria-label": t("conversation") },
      items.map((item) => item.element));
    if (!items.length) log.append(el("p", { class: "hint" }, t("emptyHere")));
    element.replaceChildren(
      el("div", { class: "row spread" }, back(),
        el("p", { class: "hint" }, [formatTime(session.createdAt),
          t(session.status === "ended" ? "ended" : "running")].join(" · "))),
      alert.element,
      ...(ended ? [card, ratingElement(id, session)] : []),
      log,
      actions(session, messages, ended, alert));
    const found = items.find((item) => item.element.dataset.id === messageId)?.element;
    const target = closing && closing.id === messageId ? card : found;
    if (messageId && target) {
      target.classList.add("found");
      target.tabIndex = -1;
      target.scrollIntoView({ block: "center" });
      target.focus({ preventScroll: true });
    }
  }

  function back() {
    return el("a", { href: "#/look-back" }, `← ${t("lookBack")}`);
  }

  function actions(session, messages, ended, alert) {
    const id = session.sessionId;
    const name = `kuku-coach-${session.createdAt.slice(0, 10)}`;
    return el("div", { class: "row actions" },
      session.status === "active" && button(t("continueSession"), () => {
        if (talk.open(id)) location.hash = "#/talk";
        else alert.show(t("busy"));
      }, { class: "primary" }),
      button(t("downloadText"), () =>
        download(`${name}.txt`, asText(session, messages, ended), "text/plain")),
      button(t("downloadNdjson"), () =>
        download(`${name}.ndjson`, asNdjson(session, messages, ended), "application/x-ndjson")),
      button(t("delete"), () => remove(id, alert), { class: "danger" }));
  }

  async function remove(id, alert) {
    const isSure = await confirm("delete");
    if (!isSure) return;
    try {
      await call("DELETE", `/api/sessions/${id}`);
    } catch (error) {
      if (error.code !== "SESSION_NOT_FOUND") {
        alert.show(error.message);
        return;
      }
    }
    removeBrowserSession(id);
    talk.forget(id);
    announce(t("deleted"));
    location.hash = "#/look-back";
  }

  return {
    element,
    enter([id, messageId]) {
      return id ? showSession(id, messageId) : showList();
    },
    leave() {
      visit += 1;
      stopSound();
    },
  };
}

async function* accountPages() {
  let cursor = null;
  do {
    const query = new URLSearchParams({ limit: PAGE, ...(cursor && { cursor }) });
    const page = await call("GET", `/api/sessions?${query}`);
    cursor = page.nextCursor;
    page.sessions.isLast = !cursor;
    yield page.sessions;
  } while (cursor);
}

/** Sessions of this browser; those that are gone or another account's are left out. */
async function* browserPages() {
  const ids = browserSessions();
  for (let at = 0; at < ids.length; at += PAGE) {
    const found = await Promise.all(ids.slice(at, at + PAGE).map(async (id) => {
      try {
        const session = await call("GET", `/api/sessions/${id}`);
        if (session.status !== "ended") return session;
        const { summary, duration } = await storedEnd(id);
        return { ...session, summary, durationSeconds: duration };
      } catch (error) {
        if (error.code !== "SESSION_NOT_FOUND") throw error;
        removeBrowserSession(id);
        return null;
      }
    }));
    const sessions = found.filter(Boolean);
    sessions.isLast = at + PAGE >= ids.length;
    yield sessions;
  }
}

/** Summary and duration of a session that has ended: it is not ended again. */
function storedEnd(id) {
  return call("POST", `/api/sessions/${id}/end`, { json: {} });
}

/** The first words of a summary. */
function excerpt(summary) {
  const text = summary.replace(/^([A-Z ]+:|[-•*] )/gm, "").replace(/\s+/g, " ").trim();
  return text.length > 160 ? `${text.slice(0, 160)} …` : text;
}

function asText(session, messages, ended) {
  const lines = messages.map(({ sender, text, timestamp }) =>
    `${t(sender === "ai" ? "coach" : "you")} (${formatTime(timestamp)}):\n${text}\n`);
  const isLast = ended && messages.at(-1)?.text === ended.summary;
  const summary = ended && !isLast ? [`${t("summary")}:\n${ended.summary}\n`] : [];
  return [`Kuku Coach, ${formatTime(session.createdAt)}\n`, ...lines, ...summary].join("\n");
}

/** The lines of the account's export, for one session. */
function asNdjson(session, messages, ended) {
  const { sessionId, status, createdAt, updatedAt, messageCount, rating, feedback } = session;
  const head = {
    type: "session",
    session: {
      sessionId, status, createdAt, updatedAt, messageCount,
      summary: ended?.summary ?? null,
      durationSeconds: ended?.duration ?? null,
      rating, feedback,
    },
  };
  const lines = messages.map(({ id, sender, text, timestamp }) =>
    ({ type: "message", sessionId, id, sender, text, timestamp }));
  return [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("");
}
