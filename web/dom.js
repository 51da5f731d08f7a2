// Building and announcing. Texts only ever become text nodes: nothing here reads HTML.

import { errorText, t } from "./texts.js";

/** An element with attributes, listeners (`on`) and children; falsy children are left out. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (value === true) {
      element.setAttribute(key, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value);
    }
  }
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

/** A button. */
export function button(label, onClick, attributes = {}) {
  return el("button", { type: "button", ...attributes, on: { click: onClick } }, label);
}

/** A hint that is announced when it changes. */
export function note(text = "") {
  return el("p", { class: "hint", role: "status" }, text);
}

let fieldCount = 0;

/** A labelled input (or `textarea`, `select`); the element is `.input` of the result. */
export function field(label, attributes = {}, name = "input", ...children) {
  fieldCount += 1;
  const id = `field-${fieldCount}`;
  const input = el(name, { id, ...attributes }, ...children);
  const wrapper = el("div", { class: "field" }, el("label", { for: id }, label), input);
  wrapper.input = input;
  return wrapper;
}

/** Says something to screen readers. The same text twice is two announcements. */
export function announce(text) {
  const live = document.getElementById("live");
  live.replaceChildren();
  setTimeout(() => live.replaceChildren(text), 50);
}

/** The way to sign in, where the server has accounts. */
export function signInLink(config) {
  return config.accounts && el("a", { href: "#/account", class: "button" }, t("signIn"));
}

/** What a view shows whose content needs an account. */
export function signInNote(config) {
  return [el("p", {}, errorText("TOKEN_NEEDED")), signInLink(config)].filter(Boolean);
}

/** A place for errors, which are announced as they come. */
export function alertBox() {
  const box = el("div", { class: "row alert", role: "alert", hidden: true });
  return {
    element: box,
    show(text, ...actions) {
      box.replaceChildren(el("p", {}, text), ...actions.filter(Boolean));
      box.hidden = false;
    },
    clear() {
      box.hidden = true;
      box.replaceChildren();
    },
  };
}

/** Asks with the texts `{name}Title` and `{name}Text`; true if `action` was chosen. */
export function confirm(name, action = name) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const cancelButton = button(t("cancel"), () => dialog.close(""));
    const dialog = el("dialog",
      { "aria-labelledby": "dialog-title", "aria-describedby": "dialog-text" },
      el("h2", { id: "dialog-title" }, t(`${name}Title`)),
      el("p", { id: "dialog-text" }, t(`${name}Text`)),
      el("div", { class: "row end" }, cancelButton,
        button(t(action), () => dialog.close("yes"), { class: "danger" })));
    dialog.addEventListener("close", () => {
      dialog.remove();
      // To where it was.
      before?.focus?.();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    cancelButton.focus();
  });
}

/** Saves a text as a file of the browser. */
export function download(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Whether a key typed now belongs to a control and not to the page. */
export function isInControl(target) {
  return Boolean(
    target?.closest?.("a,button,input,select,textarea,summary,dialog,[contenteditable]"),
  );
}
