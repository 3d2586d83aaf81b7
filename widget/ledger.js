// Asks the karmalog server: one answer, or an answer that keeps coming (server-sent events, read with fetch,
// because EventSource can carry no key).
const SILENCE_MS = 45_000; // the server sends a heartbeat every 15 s; after three missed ones the line is dead

/** The server understood and said no (4xx): asking again does not help. */
export class RefusedRequest extends Error {
  constructor({ status, code, detail }) {
    super(detail);
    Object.assign(this, { name: "RefusedRequest", status, code });
  }
}

/** The network or the server failed (`status` is 0 where no answer came): asking again later may help. */
export class UnavailableServer extends Error {
  constructor(detail, { status = 0, code = "" } = {}) {
    super(detail);
    Object.assign(this, { name: "UnavailableServer", status, code });
  }
}

/** The error of an answer that is not good, from its problem+json where it has one. */
async function failureOf(response) {
  const problem = await response.json().catch(() => ({}));
  const told = { status: response.status, code: problem.code ?? "", detail: problem.detail ?? response.statusText };
  const passing = response.status >= 500 || response.status === 429;
  return passing ? new UnavailableServer(told.detail, told) : new RefusedRequest(told);
}

/** Events of a text/event-stream body as `{event, data, id}`; comments count as signs of life only. */
export async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = {};
  try {
    for (;;) {
      const { done, value } = await beforeSilence(reader.read());
      if (done) return;
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === "" && event.data !== undefined) yield event;
        if (line === "") event = {};
        const [, field, text] = /^([^:]+):? ?(.*)$/.exec(line) ?? [];
        if (field) event[field] = field === "data" && event.data !== undefined ? `${event.data}\n${text}` : text;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function beforeSilence(reading) {
  let timer;
  const silence = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new UnavailableServer("the server went silent")), SILENCE_MS);
  });
  return Promise.race([reading, silence]).finally(() => clearTimeout(timer));
}

function pause(ms, signal) {
  return new Promise((go) => {
    const wake = () => {
      clearTimeout(timer);
      globalThis.removeEventListener("online", wake);
      go();
    };
    const timer = setTimeout(wake, ms);
    globalThis.addEventListener("online", wake);
    signal.addEventListener("abort", wake, { once: true });
  });
}

/** One server and one key. */
export class Ledger {
  #key;
  #base;

  constructor(base, key) {
    this.#base = base;
    this.#key = key;
  }

  async #ask(path, params, accept, signal) {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, value);
    const headers = { accept, ...(this.#key ? { authorization: `Bearer ${this.#key}` } : {}) };
    const response = await fetch(url, { headers, signal, cache: "no-store" }).catch((error) => {
      throw signal?.aborted ? error : new UnavailableServer(error.message);
    });
    if (!response.ok) throw await failureOf(response);
    return response;
  }

  /** The JSON answer of `path`, null for 204. Errors: RefusedRequest, UnavailableServer. */
  async get(path, params = {}, signal = undefined) {
    const response = await this.#ask(path, params, "application/json", signal);
    return response.status === 204 ? null : response.json();
  }

  /**
   * Calls `arrived(answer)` with every answer of a stream until `signal` aborts, connecting again for ever with
   * growing pauses of 1 to 15 s; `lost(error)` is called when a connection failed. Errors: RefusedRequest.
   */
  async follow(path, params, { arrived, lost, signal }) {
    let wait = 1000;
    while (!signal.aborted) {
      const connection = new AbortController();
      const hangUp = () => connection.abort(new UnavailableServer("the network is gone"));
      globalThis.addEventListener("offline", hangUp, { once: true });
      const either = AbortSignal.any([signal, connection.signal]);
      try {
        const response = await this.#ask(path, params, "text/event-stream", either);
        for await (const { data } of eventsOf(response.body)) {
          if (signal.aborted) return;
          arrived(JSON.parse(data));
          wait = 1000;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof RefusedRequest) throw error;
        lost(error instanceof UnavailableServer ? error : new UnavailableServer(error.message));
      } finally {
        globalThis.removeEventListener("offline", hangUp);
      }
      await pause(wait, signal);
      wait = Math.min(wait * 2, 15_000);
    }
  }
}
