// What the browser keeps: tokens and the running session for this tab, and for good only the ids
// of sessions begun here without an account, newest first.

const SESSIONS = "kuku.sessions";
const MAX_SESSIONS = 200;

// Where storage is blocked, its mere name throws.
function read(storage, key, fallback) {
  try {
    return JSON.parse(window[storage].getItem(key)) ?? fallback;
  } catch {
    // Unreadable, or storage is blocked: the page works without it.
    return fallback;
  }
}

function write(storage, key, value) {
  try {
    if (value === null) window[storage].removeItem(key);
    else window[storage].setItem(key, JSON.stringify(value));
  } catch {
    // Full or blocked: what is kept in memory still counts.
  }
}

/** A value of this tab, kept over a reload. */
export function tabValue(key) {
  let value = read("sessionStorage", key, null);
  return {
    get: () => value,
    set(next) {
      value = next;
      write("sessionStorage", key, next);
    },
  };
}

/** Ids of the sessions begun in this browser without an account. */
export function browserSessions() {
  const ids = read("localStorage", SESSIONS, []);
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}

export function addBrowserSession(id) {
  write("localStorage", SESSIONS, [id, ...browserSessions()].slice(0, MAX_SESSIONS));
}

export function removeBrowserSession(id) {
  write("localStorage", SESSIONS, browserSessions().filter((other) => other !== id));
}
