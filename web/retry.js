// Trying again: what fails for the moment may work a little later.

/** About a minute and a half, with the waits between them. */
const MAX_TRIES = 14;
const MAX_DELAY_SECONDS = 8;

/**
 * Repeats an attempt whose error is temporary. `onRetry(error)` is told before each wait; a signal,
 * which the attempt gets, ends it with an `AbortError`.
 */
export async function persist(attempt, { signal, onRetry }) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(signal);
    } catch (error) {
      if (!error.isTemporary || tries >= MAX_TRIES) throw error;
      onRetry(error);
      const backoff = Math.min(MAX_DELAY_SECONDS, 2 ** (tries - 1));
      await pause(Math.max(error.retryAfter ?? 0, backoff) * 1000, signal);
      if (signal.aborted) throw new DOMException("given up", "AbortError");
    }
  }
}

/** Waits; ends early if the signal says so, or the browser is back on the network. */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
