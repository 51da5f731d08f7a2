// Search: as one types, with filters.

import { account, call, onAccountChange } from "./api.js";
import { alertBox, button, el, field, note, signInNote } from "./dom.js";
import { formatTime, starsText, t } from "./texts.js";

const DEBOUNCE_MS = 250;

export function createSearch(config) {
  const query = field(t("searchHint"), { type: "search", maxlength: 200, autocomplete: "off" });
  const sender = field(t("sender"), {}, "select",
    el("option", { value: "" }, t("any")),
    el("option", { value: "user" }, t("you")),
    el("option", { value: "ai" }, t("coach")));
  const from = field(t("dateFrom"), { type: "date" });
  const to = field(t("dateTo"), { type: "date" });
  const rating = field(t("ratingFilter"), {}, "select",
    el("option", { value: "" }, t("any")),
    [1, 2, 3, 4, 5].map((n) => el("option", { value: n }, starsText(n))));
  const status = note();
  const alert = alertBox();
  const hits = el("ol", { class: "hits" });
  const more = el("div", { class: "row" });
  const form = el("form", { role: "search", "aria-label": t("search"), on: {
    submit(event) {
      event.preventDefault();
      start();
    },
    input: startSoon,
    change: startSoon,
  } }, query, el("div", { class: "filters" }, sender, from, to, rating));
  const element = el("div", { class: "search" });
  let timer = null;
  let controller = null;

  function parameters() {
    const values = {
      q: query.input.value.trim(),
      sender: sender.input.value,
      from: from.input.value && startOfDay(from.input.value, 0),
      to: to.input.value && startOfDay(to.input.value, 1),
      rating_min: rating.input.value,
    };
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value));
  }

  function startSoon() {
    clearTimeout(timer);
    timer = setTimeout(start, DEBOUNCE_MS);
  }

  function start() {
    clearTimeout(timer);
    controller?.abort();
    alert.clear();
    const values = parameters();
    if (values.q) return fetchPage(values, null);
    hits.replaceChildren();
    more.replaceChildren();
    status.textContent = "";
  }

  async function fetchPage(values, cursor) {
    const own = new AbortController();
    controller = own;
    try {
      const parameters = new URLSearchParams({ ...values, ...(cursor && { cursor }) });
      const path = `/api/search/messages?${parameters}`;
      const page = await call("GET", path, { signal: own.signal });
      if (own.signal.aborted) return;
      const items = page.messages.map(hit);
      if (cursor) hits.append(...items);
      else hits.replaceChildren(...items);
      if (cursor) items[0]?.querySelector("a").focus();
      const { value, exact } = page.total;
      status.textContent = value ? t(exact ? "results" : "resultsMore", { n: value })
        : t("noHits");
      more.replaceChildren();
      if (page.nextCursor) {
        more.append(button(t("more"), () => fetchPage(values, page.nextCursor)));
      }
    } catch (error) {
      if (own.signal.aborted) return;
      alert.show(error.message, button(t("tryAgain"), () => {
        alert.clear();
        fetchPage(values, cursor);
      }));
    }
  }

  function enter() {
    if (config.searchNeedsAccount && !account()) {
      element.replaceChildren(...signInNote(config));
      return;
    }
    element.replaceChildren(form, status, alert.element, hits, more);
    start();
  }

  // What was found for an account is not shown to whoever comes after it.
  onAccountChange(() => {
    query.input.value = "";
    start();
    if (element.isConnected) enter();
  });

  return {
    element,
    enter,
    leave() {
      clearTimeout(timer);
      controller?.abort();
    },
  };
}

function hit({ id, sessionId, timestamp, sender, text, highlight }) {
  const parts = highlight.length ? highlight : [{ text, hit: false }];
  return el("li", { class: "card" },
    el("a", { href: `#/look-back/${sessionId}/${id}` },
      `${t(sender === "ai" ? "coach" : "you")}, ${formatTime(timestamp)}`),
    el("p", { dir: "auto" }, parts.map(({ text: words, hit: isHit }) =>
      isHit ? el("mark", {}, words) : words)));
}

/** The start of a day here, or of the day `days` later. */
function startOfDay(date, days) {
  const [year, month, day] = date.split("-").map(Number);
  return new Date(year, month - 1, day + days).toISOString();
}
