// Status: for the operator, by the service key, or on this machine without accounts.

import { ApiError, call } from "./api.js";
import { alertBox, button, el, field, note } from "./dom.js";
import { t } from "./texts.js";

export function createStatus(config) {
  const element = el("div", { class: "status" });
  // In memory only, until the page is left.
  let serviceKey = null;

  function askForKey(problem) {
    const alert = alertBox();
    const key = field(t("serviceKey"), { type: "password", autocomplete: "off", required: true });
    element.replaceChildren(el("form", { class: "card", on: {
      submit(event) {
        event.preventDefault();
        serviceKey = key.input.value.trim();
        load();
      },
    } }, el("p", {}, t("keyHint")), key, alert.element,
    el("button", { type: "submit", class: "primary" }, t("showStatus"))));
    if (problem) {
      alert.show(problem);
      key.input.focus();
    }
  }

  async function load() {
    element.replaceChildren(note(t("loading")));
    try {
      // Without a key the loopback address counts, and no token of an account.
      show(await call("GET", "/api/status", { token: serviceKey }));
    } catch (error) {
      // Headers refuse a key with characters beyond Latin-1.
      const isNoHeader = !(error instanceof ApiError || error.isTemporary);
      if (isNoHeader || error.status === 401 || error.status === 403) {
        serviceKey = null;
        askForKey(isNoHeader ? t("failed") : error.message);
        return;
      }
      const alert = alertBox();
      element.replaceChildren(alert.element);
      alert.show(error.message, button(t("tryAgain"), load));
    }
  }

  function show({ version, database, coach, speechToText, textToSpeech, models }) {
    const { ready, problem } = database;
    const rows = [
      row(t("version"), version),
      row(t("database"), ready ? t("ready") : t("notReady", { problem }), ready && !problem,
        ready ? problem : null),
      ...[["speechToText", speechToText], ["coach", coach], ["textToSpeech", textToSpeech]]
        .map(([label, { provider, available }]) =>
          row(t(label), t(available ? "available" : "notAvailable"), available, provider)),
    ];
    const list = models.map(({ model, setting, shutdownDate, advice }) => {
      const date = shutdownDate ? t("endsOn", { date: shutdownDate }) : t("noDate");
      return row(model, date, !advice, [setting, advice].filter(Boolean).join(". "));
    });
    element.replaceChildren(
      el("dl", { class: "card" }, rows),
      models.length ? el("h2", {}, t("models")) : "",
      models.length ? el("dl", { class: "card" }, list) : "",
      el("div", { class: "row" }, button(t("reload"), load)));
  }

  return {
    element,
    enter() {
      if (config.operator || serviceKey) load();
      else askForKey(null);
    },
    leave() {},
  };
}

function row(label, value, isGood, detail) {
  const kind = isGood === undefined ? "" : isGood ? "good" : "bad";
  return el("div", {}, el("dt", {}, label), el("dd", {},
    el("span", { class: `mark ${kind}` }, value), detail && el("span", { class: "hint" }, detail)));
}
