// The server's API: requests, tokens, and streamed turns.

import { tabValue } from "./store.js";
import { errorText, t } from "./texts.js";

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
    return (
      [408, 429, 502, 503, 504].includes(this.status) ||
      ["IDEMPOTENCY_KEY_IN_USE", "SESSION_BUSY"].includes(this.code)
    );
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
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("kuku") : null;
let refreshing = null;

/** The account that is signed in: `{email, isAnonymous}`; `null` without one. */
export function account() {
  return stored.get()?.user ?? null;
}

/** Calls `listener` when somebody signs in or out. */
export function onAccountChange(listener) {
  listeners.add(listener);
}

export function setLogin(login) {
  stored.set(login);
  for (const listener of listeners) listener();
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
      if (error instanceof ApiError && !error.isTemporary) {
        setLogin(null);
        return;
      }
      throw error;
    }
  };
  return navigator.locks ? navigator.locks.request("kuku-refresh", request) : request();
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

/** Sends a request; `token` replaces the account's, `null` sends none. */
async function send(method, path, options = {}) {
  const { json, form, key, accept, signal } = options;
  const isOwnToken = options.token === undefined;
  const attempt = async (isRefused) => {
    const headers = new Headers();
    if (json !== undefined) headers.set("Content-Type", "application/json");
    if (key) headers.set("Idempotency-Key", key);
    if (accept) headers.set("Accept", accept);
    const token = isOwnToken ? await accessToken(isRefused) : options.token;
    if (token) headers.set("Authorization", `Bearer ${token}`);
    const body = json === undefined ? form : JSON.stringify(json);
    try {
      const response = await fetch(path, { method, headers, body, signal, cache: "no-store" });
      return { response, token };
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ConnectionLost();
    }
  };
  const first = await attempt(false);
  if (first.response.status !== 401 || !first.token || !isOwnToken) return first.response;
  return (await attempt(true)).response;
}

async function refusal(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // Not this server's: a proxy's page, or a connection that broke.
  }
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  return new ApiError(response.status, body?.code ?? "", body?.error ?? "", retryAfter);
}

/** The `data` of a response; throws `ApiError` and `ConnectionLost`. */
export async function call(method, path, options) {
  const response = await send(method, path, options);
  if (!response.ok) throw await refusal(response);
  if (response.status === 204) return null;
  let body;
  try {
    body = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ConnectionLost();
  }
  if (!body.success) throw new ApiError(200, body.code, body.error, 0);
  return body.data;
}

export async function exportText() {
  const response = await send("GET", "/api/users/me/export");
  if (!response.ok) throw await refusal(response);
  try {
    return await response.text();
  } catch {
    throw new ConnectionLost();
  }
}

export async function audioResponse(url, signal) {
  const response = await send("GET", url, { signal });
  if (!response.ok) throw await refusal(response);
  return response;
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
  if (!response.ok) throw await refusal(response);
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
    let chunk;
    try {
      chunk = await reader.read();
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ConnectionLost();
    }
    if (chunk.done) return;
    buffer += chunk.value;
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
