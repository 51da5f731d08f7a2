// The page: its views, and the way between them.

import { createAccount } from "./account.js";
import { call } from "./api.js";
import { alertBox, button, el } from "./dom.js";
import { createLookBack } from "./look_back.js";
import { createSearch } from "./search.js";
import { createStatus } from "./status.js";
import { createTalk } from "./talk.js";
import { language, t } from "./texts.js";

const main = document.getElementById("main");
const nav = document.getElementById("nav");

document.documentElement.lang = language;
nav.setAttribute("aria-label", t("views"));
const skip = document.getElementById("skip");
skip.textContent = t("skip");
skip.addEventListener("click", (event) => {
  event.preventDefault();
  main.querySelector("h1")?.focus();
});

async function boot() {
  let config;
  try {
    config = await call("GET", "config.json", { token: null });
  } catch (error) {
    const alert = alertBox();
    main.replaceChildren(alert.element);
    alert.show(error.message, button(t("tryAgain"), boot));
    return;
  }
  start(config);
}

function start(config) {
  const talk = createTalk(config);
  const views = {
    talk: { title: t("talk"), view: talk },
    "look-back": { title: t("lookBack"), view: createLookBack(talk, config) },
    search: { title: t("search"), view: createSearch(config) },
    account: config.accounts && { title: t("accountTitle"), view: createAccount(config) },
    status: { title: t("status"), view: createStatus(config) },
  };
  let current = null;

  function show(isFirst) {
    const [name, ...rest] = location.hash.replace(/^#\//, "").split("/");
    const key = name || "talk";
    const found = Object.hasOwn(views, key) ? views[key] : null;
    current?.view.leave();
    current = found;
    nav.replaceChildren(...Object.entries(views).filter(([, view]) => view).map(([path, view]) =>
      el("a", { href: `#/${path}`, "aria-current": path === key ? "page" : null }, view.title)));
    const inner = rest.length ? t("conversation") : found?.title;
    const title = found ? inner : t("notFound");
    document.title = `${title} – Kuku Coach`;
    const heading = el("h1", { tabindex: "-1" }, title);
    main.replaceChildren(heading, found ? found.view.element : "");
    main.className = key;
    window.scrollTo(0, 0);
    // The first page is read from its top.
    if (!isFirst) heading.focus({ preventScroll: true });
    found?.view.enter(rest);
  }

  window.addEventListener("hashchange", () => show(false));
  show(true);
}

boot();
