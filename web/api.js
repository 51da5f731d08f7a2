// The server's API: requests, tokens, and streamed turns.

import { tabValue } from "./store.js";
import { errorText, t } from "./texts.js";

/** Codes of errors that pass: in an event stream they have no status. */
const TEMPORARY = ["DATABASE_UNAVAILABLE", "DISK_FULL", "IDEMPOTENCY_KEY_IN_USE",
  "KEYS_UNAVAILABLE", "MIGRATIONS_BEHIND", "OVERLOADED", "SCHEMA_DAMAGED", "SESSION_BUSY",
  "SHUTTING_DOWN"];

/** An error that the server has answered with. */
export class ApiError extends Error {
  constructor(status, code, text, retryAfter) {
    super(errorText(code, text));
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may work a moment later. */
  get isTemporary() {
    return [408, 429, 502, 503, 504].includes(this.status) || TEMPORARY.includes(this.code);
  }
}

/** The server was not reached, or the connection broke. */
export class ConnectionLost extends Error {
  constructor() {
    super(t("connectionLost"));
    this.isTemporary = true;
  }
}

/** A key under which the server carries a request out once, however often it is sent. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Tokens: in memory and for this tab.

const stored = tabValue("kuku.login");
const listeners = new Set();
let refreshing = null;
let tabs = null;
try {
  tabs = new BroadcastChannel("kuku");
} catch {
  // Blocked, as storage may be: tabs do not hear of each other.
}

/** The account that is signed in: `{email, isAnonymous}`; `null` without one. */
export function account() {
  return stored.get()?.user ?? null;
}

/** Calls `listener` when the account changes. */
export function onAccountChange(listener) {
  listeners.add(listener);
}

export function setLogin(login) {
  const before = JSON.stringify(account());
  stored.set(login);
  // A refresh changes the tokens alone.
  if (JSON.stringify(account()) !== before) for (const listener of listeners) listener();
}

/** Changes what is known of the account, after the server has. */
export function setAccount(user) {
  setLogin({ ...stored.get(), user });
}

export async function logIn(path, json) {
  const login = await call("POST", `/api/auth/${path}`, { json, token: null });
  if (login.accessToken) setLogin(login);
  return login;
}

// A duplicated tab has the same refresh token, which works once: whoever uses it tells the others.
tabs?.addEventListener("message", ({ data }) => {
  if (data.used && data.used === stored.get()?.refreshToken) setLogin(data.login);
});

async function refresh(used) {
  const request = async () => {
    const current = stored.get();
    // Another tab was faster, or somebody signed out.
    if (current?.refreshToken !== used) return;
    try {
      const json = { refreshToken: used };
      const login = await call("POST", "/api/auth/refresh", { json, token: null });
      if (stored.get()?.refreshToken !== used) return;
      setLogin(login);
      tabs?.postMessage({ used, login });
    } catch (error) {
      if (error.status < 500 && !error.isTemporary) {
        setLogin(null);
        return;
      }
      throw error;
    }
  };
  try {
    if (navigator.locks) return await navigator.locks.request("kuku-refresh", request);
  } catch (error) {
    // Blocked, as storage may be.
    if (error.name !== "SecurityError") throw error;
  }
  return request();
}

/** The access token, refreshed if it ends within a minute; `null` without an account. */
async function accessToken(isRefused = false) {
  const login = stored.get();
  if (!login) return null;
  if (isRefused || login.expiresAt * 1000 < Date.now() + 60_000) {
    refreshing ??= refresh(login.refreshToken).finally(() => {
      refreshing = null;
    });
    await refreshing;
  }
  return stored.get()?.accessToken ?? null;
}

/** Sends a request; throws refusals. `token` replaces the account's, `null` sends none. */
async function send(method, path, options = {}) {
  const { json, form, key, accept, signal } = options;
  const isOwnToken = options.token === undefined;
  const hasLogin = isOwnToken && stored.get();
  const attempt = async (isRefused) => {
    const headers = new Headers();
    if (json !== undefined) headers.set("Content-Type", "application/json");
    if (key) headers.set("Idempotency-Key", key);
    if (accept) headers.set("Accept", accept);
    const token = isOwnToken ? await accessToken(isRefused) : options.token;
    // Whoever was signed in does nothing as a stranger because the login has ended.
    if (hasLogin && !token) throw new ApiError(401, "BAD_TOKEN");
    if (token) headers.set("Authorization", `Bearer ${token}`);
    const body = json === undefined ? form : JSON.stringify(json);
    const sent = fetch(path, { method, headers, body, signal, cache: "no-store" });
    return [await connected(sent), isOwnToken && token];
  };
  let [response, token] = await attempt(false);
  if (response.status === 401 && token) [response] = await attempt(true);
  if (!response.ok) throw await refusal(response);
  return response;
}

/** What the network gives; throws `ConnectionLost` instead, unless it was aborted. */
async function connected(promise) {
  try {
    return await promise;
  } catch (error) {
    throw error.name === "AbortError" ? error : new ConnectionLost();
  }
}

async function refusal(response) {
  // Without JSON it is a proxy's page, or the connection broke.
  const body = await response.json().catch(() => null);
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  return new ApiError(response.status, body?.code ?? "", body?.error ?? "", retryAfter);
}

/** The `data` of a response; throws `ApiError` and `ConnectionLost`. */
export async function call(method, path, options) {
  const response = await send(method, path, options);
  if (response.status === 204) return null;
  const body = await connected(response.json());
  if (!body.success) throw new ApiError(200, body.code, body.error, 0);
  return body.data;
}

export async function exportText() {
  const response = await send("GET", "/api/users/me/export");
  return connected(response.text());
}

export function audioResponse(url, signal) {
  return send("GET", url, { signal });
}

/** Whether audio can be fetched without a token, as an element does. */
export function isAnonymous() {
  return !stored.get();
}

/** Takes a turn. Calls `onEvent(name, data)` as events come; returns the data of `done`. */
export async function streamTurn(session, { text, recording, key, signal, onEvent }) {
  const options = { key, signal, accept: "text/event-stream" };
  if (recording) {
    options.form = new FormData();
    options.form.append("audio", recording, "recording.webm");
  } else {
    options.json = { text };
  }
  const response = await send("POST", `/api/sessions/${session}/messages`, options);
  for await (const { name, data } of events(response.body)) {
    if (name === "done") return data;
    if (name === "error") throw new ApiError(200, data.code, data.error, 0);
    onEvent(name, data);
  }
  throw new ConnectionLost();
}

/** Server-sent events of a body. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { value, done } = await connected(reader.read());
    if (done) return;
    buffer += value;
    let end;
    while ((end = buffer.indexOf("\n\n")) >= 0) {
      const lines = buffer.slice(0, end).split("\n");
      buffer = buffer.slice(end + 2);
      const name = lines.find((line) => line.startsWith("event: "))?.slice(7);
      const data = lines.find((line) => line.startsWith("data: "))?.slice(6);
      if (name && data) yield { name, data: JSON.parse(data) };
    }
  }
}
