// Building and announcing. Texts only ever become text nodes: nothing here reads HTML.

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

/** A place for errors, which are announced as they come. */
export function alertBox() {
  const box = el("div", { class: "alert", role: "alert", hidden: true });
  return {
    element: box,
    show(text, ...actions) {
      box.replaceChildren(el("p", {}, text), ...actions);
      box.hidden = false;
    },
    clear() {
      box.hidden = true;
      box.replaceChildren();
    },
  };
}

/** Asks for a confirmation; true if `action` was chosen. The focus returns to where it was. */
export function confirm({ title, text, action, cancel }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const cancelButton = button(cancel, () => dialog.close(""));
    const dialog = el(
      "dialog",
      { "aria-labelledby": "dialog-title", "aria-describedby": "dialog-text" },
      el("h2", { id: "dialog-title" }, title),
      el("p", { id: "dialog-text" }, text),
      el(
        "div",
        { class: "row end" },
        cancelButton,
        button(action, () => dialog.close("yes"), { class: "danger" }),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
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
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Whether a key typed now belongs to a control and not to the page. */
export function isInControl(target) {
  return Boolean(
    target?.closest?.("a,button,input,select,textarea,summary,dialog,[contenteditable]"),
  );
}
