// The public HTTP interface of Lesbrug (GET /openapi.json), and nothing of the page: calls, errors, event stream.

const IDLE_MS = 45000; // a stream that is silent for so long is taken for broken

/** The server refused: an application/problem+json answer (RFC 9457). `retryAfter` in seconds, or null. */
export class ApiError extends Error {
  constructor(status, problem = {}, retryAfter = null) {
    super(problem.detail || problem.title || "");
    this.status = status;
    this.detail = typeof problem.detail === "string" ? problem.detail : problem.title || "";
    this.retryAfter = retryAfter;
  }

  /** The conversation is gone or not ours. */
  get gone() {
    return this.status === 401 || this.status === 404;
  }

  /** A fault on the way that may pass: worth the same request again. */
  get passing() {
    return this.status === 500 || this.status === 502 || this.status === 504;
  }
}

/** No (complete) answer came: offline, connection cut, or too slow. */
export class NetworkError extends Error {}

/** A key that makes a retry safe. crypto.randomUUID exists on https and localhost only. */
export function newKey() {
  if (globalThis.crypto?.randomUUID) return crypto.randomUUID();
  const bytes = globalThis.crypto?.getRandomValues
    ? crypto.getRandomValues(new Uint8Array(16))
    : Uint8Array.from({ length: 16 }, () => Math.floor(Math.random() * 256));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Api {
  /** @param {string|URL} base address of the server, ending in a slash */
  constructor(base) {
    this.base = new URL(base);
  }

  /** An address that the server gave ("/api/…"), also when the server stands under a path. Null if it is not ours. */
  own(address) {
    try {
      const url = new URL(String(address).replace(/^\/(?=api\/|static\/)/, ""), this.base);
      return url.origin === this.base.origin ? url : null;
    } catch {
      return null;
    }
  }

  async create() {
    return (await this.#call("POST", "api/conversations")).json();
  }

  /** The conversation so far, or what came after the message `after`. */
  async history({ id, token }, after = null) {
    const query = after ? `?after=${encodeURIComponent(after)}` : "";
    const response = await this.#call("GET", `${path(id)}/messages${query}`, { token });
    const body = await response.json();
    return Array.isArray(body) ? body : (body.messages ?? []);
  }

  async remove({ id, token }) {
    await this.#call("DELETE", path(id), { token });
  }

  /** A document or image of the conversation: {blob, name}. `address` as the server gave it. */
  async file(address, { token }) {
    const response = await this.#call("GET", this.own(address), { token, accept: "*/*" });
    const name = /filename="?([^";]+)"?/i.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? null;
    return { blob: await response.blob(), name };
  }

  /**
   * Sends a message and yields {event, data} as they come: "typing", "message" (data: Message), "done".
   * Throws ApiError (also for an `error` event) or NetworkError (also when the stream ends before "done").
   */
  async *send({ id, token }, body, key) {
    const control = new AbortController();
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => control.abort(), IDLE_MS);
    };
    alive();
    try {
      const response = await this.#call("POST", `${path(id)}/messages`, {
        token, body, key, accept: "text/event-stream, application/json;q=0.5, application/problem+json;q=0.5", signal: control.signal,
      });
      if (!(response.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) {
        for (const message of (await response.json()).messages ?? []) yield { event: "message", data: message };
        yield { event: "done", data: null };
        return;
      }
      for await (const { event, data } of eventsOf(response.body, alive)) {
        if (event === "error") throw new ApiError(data?.status ?? 503, data ?? {}, data?.retry_after ?? null);
        if (event === "message") {
          for (const message of data?.messages ?? [data]) yield { event, data: message };
        } else if (event === "typing" || event === "done") yield { event, data };
        if (event === "done") return;
      }
      throw new NetworkError("stream ended early");
    } catch (error) {
      throw error instanceof ApiError || error instanceof NetworkError ? error : new NetworkError(String(error));
    } finally {
      clearTimeout(timer);
      control.abort();
    }
  }

  async #call(method, where, { token, body, key, accept = "application/json, application/problem+json", signal } = {}) {
    const headers = { Accept: accept };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (key) headers["Idempotency-Key"] = key;
    if (body) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(new URL(where, this.base), {
        method, headers, signal: signal ?? AbortSignal.timeout?.(IDLE_MS), body: body && JSON.stringify(body), cache: "no-store",
      });
    } catch (error) {
      throw new NetworkError(String(error));
    }
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw new ApiError(response.status, problem, secondsOf(response.headers.get("Retry-After")));
  }
}

const path = (id) => `api/conversations/${encodeURIComponent(id)}`;

function secondsOf(retryAfter) {
  if (!retryAfter) return null;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const moment = Date.parse(retryAfter);
  return Number.isNaN(moment) ? null : Math.max(0, Math.ceil((moment - Date.now()) / 1000));
}

/** Server-sent events from a byte stream, as the HTML standard reads them; data is parsed as JSON. */
export async function* eventsOf(bytes, onChunk = () => {}) {
  const reader = bytes.getReader();
  const decoder = new TextDecoder();
  let buffer = "";
  let event = "";
  let data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return; // an event without its closing blank line is incomplete and dropped
      onChunk();
      buffer += decoder.decode(value, { stream: true });
      const held = buffer.endsWith("\r") ? "\r" : ""; // may be half of \r\n
      const lines = buffer.slice(0, buffer.length - held.length).split(/\r\n|\r|\n/);
      buffer = lines.pop() + held;
      for (const line of lines) {
        if (line === "") {
          if (event || data.length) yield { event: event || "message", data: parsed(data.join("\n")) };
          event = "";
          data = [];
          continue;
        }
        const [, field, content] = /^([^:]*):? ?(.*)$/s.exec(line);
        if (field === "event") event = content;
        else if (field === "data") data.push(content);
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
