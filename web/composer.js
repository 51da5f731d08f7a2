// The composer below a conversation: recording, typing, yes or no, and what is going on.

import { announce, button, el, field, isInControl } from "./dom.js";
import { onSound, stopSound } from "./player.js";
import { canRecord, record } from "./recorder.js";
import { formatElapsed, t } from "./texts.js";

/** A recorded minute has about a megabyte. */
const BYTES_PER_SECOND = (1024 * 1024) / 60;

/** Why nobody can speak here; `null` if people can. */
export function speechNote(config) {
  if (!config.speechToText) return el("p", { class: "hint" }, t("noSpeech"));
  if (!canRecord()) return el("p", { class: "hint" }, t("needsSecure"));
  return null;
}

/**
 * A composer. It calls `onText(text)`, `onRecording(file)`, `onAnswer("yes" | "no")`, `onEnd()` and
 * `onError(text)` (of the microphone; `null` clears it), the first four only while it is not busy.
 */
export function createComposer(config, { onText, onRecording, onAnswer, onEnd, onError }) {
  const canSpeak = config.speechToText && canRecord();
  let isBusy = false;

  const state = el("p", { class: "state", role: "status" });
  const giveUp = button(t("cancel"), () => {}, { hidden: true });
  const silence = button(t("stopSound"), stopSound, { hidden: true });
  const states = el("div", { class: "row states" }, state, giveUp, silence);
  onSound((url) => {
    silence.hidden = !url;
  });

  const words = field(t("type"), { rows: 2, maxlength: 50_000, dir: "auto" }, "textarea");
  words.input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      sendText();
    }
  });
  const send = el("button", { type: "submit" }, t("send"));
  const typing = el("form", { class: "typing", on: {
    submit(event) {
      event.preventDefault();
      sendText();
    },
  } }, words, send);

  const yes = button(t("yes"), () => isBusy || onAnswer("yes"), { class: "primary" });
  const goOn = button(t("goOn"), () => isBusy || onAnswer("no"));
  const offer = el("div", { class: "row offer", role: "group", "aria-label": t("wrapUp"),
    hidden: true }, el("p", {}, t("wrapUp")), yes, goOn);

  const recording = canSpeak && createRecording(config, {
    isBusy: () => isBusy,
    onRecording,
    onError,
    onChange(isOn) {
      typing.hidden = isOn;
    },
  });
  const end = button(t("endSession"), () => isBusy || onEnd(), { class: "quiet" });
  const hint = canSpeak ? el("p", { class: "hint keys" }, t("recordHint")) : speechNote(config);
  const element = el("section", { class: "composer" }, offer, recording && recording.element,
    typing, el("div", { class: "row spread" }, hint, end));

  function sendText() {
    const text = words.input.value.trim();
    if (isBusy || !text) return;
    words.input.value = "";
    onText(text);
  }

  document.addEventListener("keydown", (event) => {
    const isShown = element.isConnected && !document.querySelector("dialog[open]");
    if (!recording || !isShown || event.repeat) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && !isInControl(event.target)) {
      event.preventDefault();
      recording.toggle();
    } else if (event.key === "Escape") {
      recording.cancel();
    }
  });

  return {
    element,
    /** What is going on; also shown without the composer. */
    states,
    isBusy: () => isBusy,
    setBusy(next) {
      isBusy = next;
      for (const control of [send, yes, goOn, end, recording && recording.button]) {
        if (control) control.setAttribute("aria-disabled", String(next));
      }
      if (!next) this.setState("");
    },
    setState(text) {
      state.textContent = text;
      state.classList.toggle("working", isBusy && Boolean(text));
    },
    /** Shows a button that gives up; hides it without a listener. */
    setGiveUp(listener) {
      giveUp.onclick = listener;
      giveUp.hidden = !listener;
    },
    setOffer(isOn) {
      offer.hidden = !isOn;
    },
    isOffering: () => !offer.hidden,
    setMayEnd(isOn) {
      end.hidden = !isOn;
    },
    text: () => words.input.value,
    setText(text) {
      words.input.value = text;
    },
    focus() {
      (recording ? recording.button : words.input).focus({ preventScroll: true });
    },
    cancelRecording() {
      if (recording) recording.cancel();
    },
  };
}

/** The button to record, with level, time and a way out. */
function createRecording(config, { isBusy, onRecording, onError, onChange }) {
  const maxSeconds = (config.maxUploadBytes / BYTES_PER_SECOND) * 0.95;
  const recordButton = button("", toggle, { class: "primary large record" });
  const cancelButton = button(t("cancel"), cancel);
  const level = el("span");
  const elapsed = el("span", { class: "elapsed", role: "timer", "aria-live": "off" });
  const meter = el("div", { class: "meter" }, elapsed,
    el("div", { class: "level", "aria-hidden": "true" }, level));
  const element = el("div", { class: "row recording" }, recordButton, meter, cancelButton);
  let current = null;
  show(false);

  function show(isOn) {
    recordButton.replaceChildren(
      el("span", { class: isOn ? "square" : "dot", "aria-hidden": "true" }),
      t(isOn ? "stop" : "record"),
    );
    cancelButton.hidden = !isOn;
    meter.hidden = !isOn;
    onChange(isOn);
  }

  function toggle() {
    if (current) stop();
    else if (!isBusy()) start();
  }

  async function start() {
    onError(null);
    stopSound();
    const own = { timer: null, recorder: null };
    current = own;
    try {
      own.recorder = await record((value) => {
        level.style.transform = `scaleX(${value.toFixed(2)})`;
      });
    } catch (error) {
      current = null;
      onError(t(error.name === "NotFoundError" ? "noMicrophone" : "microphoneBlocked"));
      return;
    }
    if (current !== own) {
      // Cancelled while the browser asked for permission.
      await own.recorder.cancel();
      return;
    }
    const begin = Date.now();
    const tick = () => {
      const seconds = (Date.now() - begin) / 1000;
      elapsed.textContent = formatElapsed(seconds);
      if (seconds > maxSeconds) {
        announce(t("maxReached"));
        stop();
      }
    };
    own.timer = setInterval(tick, 250);
    tick();
    show(true);
    announce(t("recording"));
  }

  /** Ends the recording; returns its recorder, if there was one. */
  function take() {
    const recorder = current?.recorder ?? null;
    clearInterval(current?.timer);
    current = null;
    const hadFocus = document.activeElement === cancelButton;
    show(false);
    if (hadFocus) recordButton.focus();
    return recorder;
  }

  async function stop() {
    const file = await take()?.stop();
    if (file) onRecording(file);
  }

  async function cancel() {
    if (current) await take()?.cancel();
  }

  return { element, button: recordButton, toggle, cancel };
}
