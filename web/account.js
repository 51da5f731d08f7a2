// Account: sign up, in and out, the guest's upgrade, password, memory, export and erasure.

import {
  account, call, exportText, logIn, onAccountChange, setAccount, setLogin,
} from "./api.js";
import { alertBox, announce, button, confirm, download, el, field, note } from "./dom.js";
import { formatTime, t } from "./texts.js";

export function createAccount(config) {
  const element = el("div", { class: "account" });
  let receipt = null;
  let isShown = false;

  /** Runs an action of a section, and shows its error there. */
  function guarded(alert, action) {
    return async (event) => {
      event?.preventDefault();
      alert.clear();
      try {
        await action();
      } catch (error) {
        alert.show(error.message);
      }
    };
  }

  function who({ email, isAnonymous }) {
    return isAnonymous ? t("guest") : t("signedInAs", { email });
  }

  function show() {
    const user = account();
    element.replaceChildren(...(user ? signedIn(user) : signedOut()));
  }

  function credentials(isNew) {
    const email = field(t("email"), { type: "email", autocomplete: "username", required: true });
    const password = field(t("password"), { type: "password", required: true, minlength: 6,
      autocomplete: isNew ? "new-password" : "current-password" });
    password.append(el("p", { class: "hint" }, t("passwordHint")));
    const values = () => ({ email: email.input.value.trim(), password: password.input.value });
    return { fields: [email, password], values };
  }

  function signedOut() {
    const alert = alertBox();
    const hint = note();
    const { fields, values } = credentials(false);
    const enter = (path, json) => guarded(alert, async () => {
      if (path !== "anonymous" && !form.reportValidity()) return;
      receipt = null;
      const login = await logIn(path, json?.());
      if (!login.accessToken) hint.textContent = t("confirmEmail");
      else announce(who(account()));
    });
    const form = el("form", { class: "card", on: { submit: enter("login", values) } },
      fields, alert.element, hint,
      el("div", { class: "row" },
        el("button", { type: "submit", class: "primary" }, t("signIn")),
        button(t("signUp"), enter("signup", values)),
        button(t("asGuest"), enter("anonymous"), { class: "quiet" })));
    return receipt ? [receipt, form] : [form];
  }

  function signedIn(user) {
    const alert = alertBox();
    return [
      el("section", { class: "card" }, el("p", {}, who(user)), alert.element,
        el("div", { class: "row" }, button(t("signOut"), guarded(alert, () => signOut(user))))),
      user.isAnonymous ? upgrade() : changePassword(user),
      memory(),
      ownData(),
    ];
  }

  async function signOut(user) {
    if (user.isAnonymous && !(await confirm("guestSignOut", "signOut"))) return;
    try {
      await call("POST", "/api/auth/logout");
    } catch (error) {
      // A token that is not valid any more has nothing to revoke.
      if (error.status !== 401) throw error;
    }
    setLogin(null);
  }

  function upgrade() {
    const alert = alertBox();
    const { fields, values } = credentials(true);
    return el("form", { class: "card", on: { submit: guarded(alert, async () => {
      setAccount(await call("PATCH", "/api/users/me", { json: values() }));
    }) } }, el("h2", {}, t("keepAccount")), fields, alert.element,
    el("button", { type: "submit", class: "primary" }, t("keepAccount")));
  }

  function changePassword(user) {
    const alert = alertBox();
    const done = note();
    const password = field(t("newPassword"), { type: "password", required: true, minlength: 6,
      autocomplete: "new-password" });
    // Password managers look for the name beside the password.
    const name = el("input", { type: "text", autocomplete: "username", value: user.email,
      hidden: true, readonly: true, "aria-hidden": "true", tabindex: "-1" });
    return el("form", { class: "card", on: { submit: guarded(alert, async () => {
      done.textContent = "";
      await call("PATCH", "/api/users/me", { json: { password: password.input.value } });
      password.input.value = "";
      done.textContent = t("passwordChanged");
    }) } }, el("h2", {}, t("changePassword")), name, password, alert.element,
    el("div", { class: "row" }, el("button", { type: "submit" }, t("save")), done));
  }

  /** The coach's memory. */
  function memory() {
    const path = "/api/users/me/memory";
    const section = el("div");
    const alert = alertBox();
    const done = note();
    const text = field(t("memoryText"), { rows: 6, maxlength: 4000, dir: "auto" }, "textarea");
    const enabled = el("input", { type: "checkbox", id: "memory-enabled" });
    const facts = el("p", { class: "hint" });
    let shown;
    const fill = (state) => {
      text.input.value = state.text;
      // As a field has it: with its own line breaks.
      shown = { ...state, text: text.input.value };
      enabled.checked = state.enabled;
      facts.textContent = state.updatedAt
        ? t("memoryUpdated", { n: state.sessions, date: formatTime(state.updatedAt) }) : "";
    };
    const save = guarded(alert, async () => {
      // A text that is sent is kept word for word from then on: only what the person changed is.
      const json = {};
      if (text.input.value !== shown.text) json.text = text.input.value;
      if (enabled.checked !== shown.enabled) json.enabled = enabled.checked;
      fill(await call("PUT", path, { json }));
      done.textContent = t("memorySaved");
    });
    const forget = guarded(alert, async () => {
      if (!(await confirm("memoryOff"))) return;
      // First off, so that nothing is noted in between.
      await call("PUT", path, { json: { enabled: false } });
      fill(await call("DELETE", path));
      done.textContent = t("memorySaved");
    });
    const form = el("form", { class: "card", on: { submit: save } },
      el("h2", {}, t("memory")),
      config.memory && el("div", { class: "row check" }, enabled,
        el("label", { for: "memory-enabled" }, t("memoryOn"))),
      text, facts, alert.element,
      el("div", { class: "row" }, el("button", { type: "submit" }, t("memorySave")),
        button(t("memoryOff"), forget, { class: "quiet" }), done));
    call("GET", path).then((state) => {
      // A server without memories shows what is left of one.
      if (!config.memory && !state.text) return;
      fill(state);
      section.append(form);
    }).catch((error) => {
      section.append(alert.element);
      alert.show(error.message);
    });
    return section;
  }

  function ownData() {
    const alert = alertBox();
    const save = guarded(alert, async () =>
      download("kuku-coach.ndjson", await exportText(), "application/x-ndjson"));
    const erase = guarded(alert, async () => {
      if (!(await confirm("erase"))) return;
      const erased = await call("DELETE", "/api/users/me");
      const memory = erased.memory ? t("erasedMemory") : "";
      const text = t("erased", { ...erased, memory });
      receipt = el("section", { class: "card", tabindex: "-1" }, el("h2", {}, t("erasedTitle")),
        el("p", {}, text));
      setLogin(null);
      receipt.focus();
      announce(text);
    });
    return el("section", { class: "card" }, alert.element, el("div", { class: "row" },
      button(t("export"), save), button(t("erase"), erase, { class: "danger" })));
  }

  onAccountChange(() => {
    const wasHere = isShown && element.contains(document.activeElement);
    show();
    // The control that was used is gone.
    if (wasHere) document.querySelector("main h1")?.focus();
  });

  return {
    element,
    enter() {
      isShown = true;
      show();
    },
    leave() {
      isShown = false;
      receipt = null;
    },
  };
}
