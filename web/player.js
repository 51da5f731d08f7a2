// The sound of replies, played while it comes. One sound at a time.
//
// An element cannot send a token. So a signed-in person's sound is fetched: WAV is scheduled piece
// by piece, MP3 goes through a MediaSource, or is played whole where there is none for it.

import { audioResponse, isAnonymous } from "./api.js";

let current = null;
const listeners = new Set();

/** Calls `listener(url)` when a sound starts, and with `null` when it ends. */
export function onSound(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function stopSound() {
  current?.abort();
}

/** Plays a sound; stops the one before. Throws if it cannot be played; a stop is no error. */
export async function playSound(url) {
  stopSound();
  const controller = new AbortController();
  current = controller;
  const tell = (value) => listeners.forEach((listener) => listener(value));
  tell(url);
  try {
    await start(url, controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    if (current === controller) {
      current = null;
      tell(null);
    }
  }
}

async function start(url, signal) {
  if (isAnonymous() && !url.endsWith(".wav")) return playElement(url, signal);
  const response = await audioResponse(url, signal);
  if (url.endsWith(".wav")) return playWav(response.body.getReader(), signal);
  if (window.MediaSource?.isTypeSupported("audio/mpeg")) {
    return playSource(response.body.getReader(), signal);
  }
  return playBlob(await response.blob(), signal);
}

async function playBlob(blob, signal) {
  const address = URL.createObjectURL(blob);
  try {
    await playElement(address, signal);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Plays to the end, or to the stop. */
function playElement(address, signal) {
  const audio = new Audio(address);
  return new Promise((resolve, reject) => {
    const stop = () => {
      audio.pause();
      resolve();
    };
    signal.addEventListener("abort", stop, { once: true });
    audio.addEventListener("ended", resolve);
    audio.addEventListener("error", () => reject(new Error("no sound")));
    audio.play().catch(reject);
  });
}

async function playSource(reader, signal) {
  const source = new MediaSource();
  const address = URL.createObjectURL(source);
  const done = playElement(address, signal);
  const fill = async () => {
    await event(source, "sourceopen");
    const buffer = source.addSourceBuffer("audio/mpeg");
    for (;;) {
      const { value, done: isDone } = await reader.read();
      if (source.readyState !== "open") return;
      if (isDone) return source.endOfStream();
      buffer.appendBuffer(value);
      await event(buffer, "updateend");
    }
  };
  try {
    // The sound ends after its last byte; a broken stream ends it as well.
    await Promise.all([done, fill()]);
  } finally {
    URL.revokeObjectURL(address);
  }
}

function event(target, name) {
  return new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
}

/** Schedules the samples of a WAV with 16 bits as they come. */
async function playWav(reader, signal) {
  const context = new AudioContext();
  signal.addEventListener("abort", () => context.close(), { once: true });
  try {
    let bytes = new Uint8Array(0);
    let format = null;
    let at = context.currentTime + 0.1;
    for (;;) {
      const { value, done } = await reader.read();
      if (value) bytes = joined(bytes, value);
      format ??= wavFormat(bytes);
      // A fifth of a second at a time: shorter pieces cost more than they gain.
      const piece = format && format.rate * format.channels * 2 * 0.2;
      if (format && bytes.length - format.start >= (done ? 2 : piece)) {
        at = Math.max(at, context.currentTime + 0.02);
        at = schedule(context, bytes.subarray(format.start), format, at);
        const size = format.channels * 2;
        const rest = (bytes.length - format.start) % size;
        bytes = bytes.slice(bytes.length - rest);
        format = { ...format, start: 0 };
      }
      if (done) break;
    }
    if (!format) throw new Error("no sound");
    const left = Math.max(0, at - context.currentTime);
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
      setTimeout(resolve, left * 1000);
    });
  } finally {
    if (context.state !== "closed") await context.close();
  }
}

function joined(first, second) {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** Rate, channels and first sample; `null` until the header is complete. */
function wavFormat(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const format = {};
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    const size = view.getUint32(at + 4, true);
    if (name === "data") return { ...format, start: at + 8 };
    if (name === "fmt " && at + 24 <= bytes.length) {
      format.channels = view.getUint16(at + 10, true);
      format.rate = view.getUint32(at + 12, true);
      if (view.getUint16(at + 22, true) !== 16) throw new Error("no 16-bit sound");
    }
    at += 8 + size + (size % 2);
  }
  return null;
}

/** Schedules samples at a time; returns when they end. */
function schedule(context, bytes, { channels, rate }, at) {
  const frames = Math.floor(bytes.length / (2 * channels));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const buffer = context.createBuffer(channels, frames, rate);
  for (let channel = 0; channel < channels; channel += 1) {
    const samples = buffer.getChannelData(channel);
    for (let frame = 0; frame < frames; frame += 1) {
      samples[frame] = view.getInt16(2 * (frame * channels + channel), true) / 32_768;
    }
  }
  const node = context.createBufferSource();
  node.buffer = buffer;
  node.connect(context.destination);
  node.start(at);
  return at + buffer.duration;
}
