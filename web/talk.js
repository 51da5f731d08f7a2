// Talk: a session from the first word to the stars.

import {
  account, ApiError, call, ConnectionLost, isAnonymous, newKey, onAccountChange, streamTurn,
} from "./api.js";
import { createComposer, speechNote } from "./composer.js";
import { fetchMessages, messageElement, ratingElement, summaryElement } from "./conversation.js";
import { alertBox, announce, button, el, field, signInLink } from "./dom.js";
import { playSound, stopSound } from "./player.js";
import { pause, persist } from "./retry.js";
import { addBrowserSession, browserSessions, tabValue } from "./store.js";
import { answerWords, LANGUAGES, t } from "./texts.js";

/** How often and at what interval a reply is looked for that a reload has interrupted. */
const POLLS = 20;
const POLL_MS = 2000;

export function createTalk(config) {
  // The id of the running session, and the turn whose reply has not come.
  const running = tabValue("kuku.session");
  const pending = tabValue("kuku.pending");
  let isLoaded = false;
  let messageCount = 0;
  let language = null;
  let beginKey = newKey();

  const alert = alertBox();
  const log = el("div", { class: "log", role: "log", "aria-live": "off",
    "aria-label": t("conversation") });
  const after = el("div");
  const element = el("div", { class: "talk" });
  const composer = createComposer(config, {
    onText: (text) => takeTurn({ text }),
    onRecording: (recorded) => takeTurn({ recorded }),
    onAnswer(word) {
      composer.focus();
      takeTurn({ text: answerWords(language)[word] });
    },
    onEnd: end,
    onError(text) {
      if (text) alert.show(text);
      else alert.clear();
    },
  });
  const chosen = field(t("language"), {}, "select",
    el("option", { value: "" }, t("automatic")),
    Object.entries(LANGUAGES).map(([tag, name]) => el("option", { value: tag }, name)));
  const beginButton = button(t("begin"), begin, { class: "primary large" });
  const beginPanel = el("section", { class: "begin" },
    el("p", { class: "question" }, t("beginTitle")), el("p", {}, t("beginText")),
    chosen, beginButton, speechNote(config));

  /** Shows an error, and the way on. */
  function showError(error, retry) {
    const isKnown = error instanceof ApiError || error.isTemporary;
    const again = retry && button(t("tryAgain"), retry);
    alert.show(isKnown ? error.message : t("failed"),
      error.status === 401 ? signInLink(config) : again);
  }

  /** Sends until it works, and says so; the person may give up. */
  async function untilDone(attempt) {
    const controller = new AbortController();
    try {
      return await persist(attempt, {
        signal: controller.signal,
        onRetry(error) {
          composer.setState(`${error.message} ${t("retrying")}`);
          composer.setGiveUp(() => controller.abort());
        },
      });
    } finally {
      composer.setGiveUp(null);
    }
  }

  // What is shown.

  function showBegin() {
    log.replaceChildren();
    after.replaceChildren();
    element.replaceChildren(alert.element, beginPanel, composer.states);
  }

  function showSession(session, messages) {
    language = session.language;
    messageCount = messages.length;
    log.replaceChildren(...messages.map((message) => messageElement(message).element));
    after.replaceChildren();
    composer.setOffer(session.awaitingWrapUpConfirmation);
    composer.setMayEnd(messageCount > 0);
    composer.element.prepend(alert.element, composer.states);
    element.replaceChildren(log, after, composer.element);
    scrollDown();
  }

  function showEnded(summary) {
    const id = running.get();
    running.set(null);
    pending.set(null);
    composer.element.remove();
    const card = summaryElement(summary);
    const heading = card.querySelector("h2");
    heading.tabIndex = -1;
    after.replaceChildren(card, ratingElement(id, {}), button(t("beginNew"), () => {
      alert.clear();
      stopSound();
      showBegin();
      beginButton.focus();
    }, { class: "primary large" }));
    heading.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
  }

  function add(message) {
    const added = messageElement(message);
    log.append(added.element);
    scrollDown();
    return added;
  }

  function scrollDown() {
    element.scrollIntoView({ block: "end" });
  }

  function letGo() {
    running.set(null);
    pending.set(null);
    composer.setText("");
    alert.clear();
    stopSound();
    announce("");
    showBegin();
  }

  // Sessions.

  async function begin() {
    if (composer.isBusy()) return;
    alert.clear();
    if (config.signInRequired && !account()) {
      showError(new ApiError(401, "TOKEN_NEEDED"));
      return;
    }
    composer.setBusy(true);
    beginButton.setAttribute("aria-disabled", "true");
    const json = chosen.input.value ? { language: chosen.input.value } : {};
    const isOfBrowser = isAnonymous();
    try {
      const session = await untilDone((signal) =>
        call("POST", "/api/sessions", { json, key: beginKey, signal }));
      running.set(session.sessionId);
      if (isOfBrowser) addBrowserSession(session.sessionId);
      showSession(session, []);
      composer.focus();
    } catch (error) {
      if (error.name !== "AbortError") showError(error);
    } finally {
      beginKey = newKey();
      beginButton.setAttribute("aria-disabled", "false");
      composer.setBusy(false);
    }
  }

  /** Shows a session as the server has it; whether it is active. */
  async function load(id, signal) {
    const session = await call("GET", `/api/sessions/${id}`, { signal });
    const messages = await fetchMessages(id, signal);
    // Somebody has signed out meanwhile.
    if (running.get() !== id) return false;
    showSession(session, messages);
    if (session.status === "ended") {
      const ended = await call("POST", `/api/sessions/${id}/end`, { json: {}, key: newKey() });
      showEnded(ended.summary);
    }
    return session.status === "active";
  }

  /** Continues the running session, and the turn that was interrupted, after a reload. */
  async function resume() {
    const id = running.get();
    const turn = pending.get();
    element.replaceChildren(alert.element, composer.states);
    composer.setBusy(true);
    composer.setState(t("loading"));
    let isActive = false;
    try {
      isActive = await untilDone((signal) => load(id, signal));
    } catch (error) {
      showResumeFailure(error);
    }
    composer.setBusy(false);
    if (!isActive || turn?.session !== id) return;
    const { text, key, count } = turn;
    if (text !== null && messageCount <= count) await takeTurn({ text, key });
    else await awaitReply(id, count);
  }

  function showResumeFailure(error) {
    if (error.code === "SESSION_NOT_FOUND") letGo();
    // Nor is there a session to show after the end of a login.
    if (!running.get()) {
      showError(error);
      return;
    }
    element.replaceChildren(alert.element);
    showError(error.name === "AbortError" ? new ConnectionLost() : error, () => {
      alert.clear();
      resume();
    });
  }

  /** Waits for the reply to a recording that was sent before a reload. */
  async function awaitReply(id, count) {
    composer.setBusy(true);
    let problem = new Error();
    for (let polls = 0; polls < POLLS && messageCount <= count; polls += 1) {
      composer.setState(t("lastRecording"));
      await pause(POLL_MS);
      try {
        if (!(await load(id))) break;
      } catch (error) {
        if (!error.isTemporary) {
          problem = error;
          break;
        }
      }
    }
    pending.set(null);
    composer.setBusy(false);
    const isOver = running.get() !== id && problem.status !== 401;
    if (messageCount <= count && !isOver) showError(problem);
  }

  async function end() {
    const id = running.get();
    const key = newKey();
    composer.setBusy(true);
    alert.clear();
    stopSound();
    try {
      const ended = await untilDone((signal) => {
        composer.setState(t("answering"));
        return call("POST", `/api/sessions/${id}/end`, { json: {}, key, signal });
      });
      if (running.get() === id) showEnded(ended.summary);
    } catch (error) {
      if (error.name !== "AbortError") showError(error, end);
    } finally {
      composer.setBusy(false);
    }
  }

  // Turns.

  /** Shows what comes of a turn: the transcript, the words of the reply, and its sound. */
  function liveTurn(text) {
    const mine = add({ sender: "user", text: text ?? "…" });
    let reply = null;
    const live = {
      mine,
      sound: null,
      reply: () => (reply ??= add({ sender: "ai" })),
      dropReply() {
        reply?.element.remove();
        reply = null;
      },
      remove() {
        mine.element.remove();
        live.dropReply();
      },
      onEvent(name, data) {
        if (name === "transcript") {
          mine.setText(data.text);
          // A second transcript means that the reply starts anew.
          live.dropReply();
          composer.setState(t("answering"));
        } else if (name === "delta") {
          live.reply().addText(data.text);
          scrollDown();
        } else if (name === "audio") {
          live.sound = data.audioUrl;
          play(data.audioUrl);
        }
      },
    };
    return live;
  }

  async function takeTurn({ text = null, recorded = null, key = newKey() }) {
    const id = running.get();
    composer.setBusy(true);
    alert.clear();
    stopSound();
    const wasOffered = composer.isOffering();
    composer.setOffer(false);
    pending.set({ session: id, key, text, count: messageCount });
    const live = liveTurn(text);
    try {
      const done = await untilDone((signal) => {
        live.dropReply();
        composer.setState(t(recorded ? "transcribing" : "answering"));
        return streamTurn(id, { text, recording: recorded, key, signal,
          onEvent: live.onEvent });
      });
      // Unless somebody has signed out meanwhile.
      if (running.get() === id) showTurn(done, live);
    } catch (error) {
      if (running.get() !== id) {
        if (error.status !== 401) return;
        // The login has ended: the text waits for the next one.
        composer.setText(text ?? "");
        showError(error);
        return;
      }
      pending.set(null);
      live.remove();
      composer.setOffer(wasOffered);
      await showFailure(error, { text, recorded, key });
    } finally {
      composer.setBusy(false);
    }
  }

  function showTurn(done, live) {
    pending.set(null);
    const reply = live.reply();
    for (const { id, sender, text, timestamp, audioUrl } of done.messages) {
      const shown = sender === "ai" ? reply : live.mine;
      shown.setId(id);
      shown.setText(text);
      shown.setTime(timestamp);
      shown.setAudio(audioUrl);
      if (audioUrl && !live.sound) {
        live.sound = audioUrl;
        play(audioUrl);
      }
    }
    messageCount += 2;
    composer.setMayEnd(true);
    if (done.sessionEnded) {
      reply.element.remove();
      showEnded(done.finalSummary);
      return;
    }
    composer.setOffer(Boolean(done.awaitingWrapUpConfirmation));
    if (composer.isOffering()) learnLanguage();
    // Sound and a screen reader at once could not be understood.
    if (!live.sound) announce(`${t("coach")}: ${reply.text()}`);
    scrollDown();
  }

  /** The language in which to say yes or no. */
  async function learnLanguage() {
    try {
      language = (await call("GET", `/api/sessions/${running.get()}`)).language;
    } catch {
      // English is understood in every session.
    }
  }

  async function showFailure(error, turn) {
    const isGivenUp = error.name === "AbortError";
    let shown = isGivenUp ? new ApiError(0, "", t("notSent")) : error;
    if (isGivenUp || error.code === "SESSION_NOT_ACTIVE") {
      // The turn may have been taken, or the session was ended elsewhere: the server knows.
      const count = messageCount;
      try {
        const isActive = await load(running.get());
        if (isGivenUp && (!isActive || messageCount > count)) return;
      } catch (failure) {
        shown = failure;
      }
    }
    if (shown.code === "SESSION_NOT_FOUND") letGo();
    if (turn.text && !composer.text()) composer.setText(turn.text);
    const mayRepeat = isGivenUp || turn.recorded || error.isTemporary || error.status >= 500 ||
      /INTERNAL|UNAVAILABLE/.test(error.code);
    showError(shown, mayRepeat && running.get() && (() => {
      if (composer.isBusy()) return;
      if (composer.text() === turn.text) composer.setText("");
      composer.focus();
      takeTurn(turn);
    }));
  }

  async function play(url) {
    // Browsers play nothing on a page that nobody has touched, as after a reload.
    if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
    try {
      await playSound(url);
    } catch {
      // While something else goes on, that is more important.
      if (!composer.isBusy()) composer.setState(t("soundFailed"));
    }
  }

  // Nothing of an account stays on the page when somebody signs out, or for the next account.
  let owner = account()?.id;
  onAccountChange(() => {
    const id = running.get();
    const next = account()?.id;
    if (next && owner && next !== owner) composer.setText("");
    owner = next ?? owner;
    if (next || (id && browserSessions().includes(id))) return;
    letGo();
  });

  showBegin();
  return {
    element,
    enter() {
      if (isLoaded) return;
      isLoaded = true;
      if (running.get()) resume();
    },
    leave() {
      composer.cancelRecording();
    },
    /** Continues a session of the history; false while another one is busy. */
    open(id) {
      if (composer.isBusy()) return running.get() === id;
      running.set(id);
      pending.set(null);
      isLoaded = true;
      alert.clear();
      resume();
      return true;
    },
    /** Lets go of a session that was deleted. */
    forget(id) {
      if (running.get() === id) letGo();
    },
  };
}
