// What stands on a board instead of rows: a skeleton while it loads, else a title, a sentence and a way out.
import { markup } from "./markup.js";
import * as words from "./words.js";

/** Ten rows without words. */
export function skeleton() {
  const rows = Array.from({ length: 10 }, () => markup("li", {}, markup("i"), markup("i"), markup("i")));
  return [markup("ul", { class: "skeleton", "aria-label": "Loading" }, ...rows)];
}

/** A state ({title, sentence}) with a button, something at the lower edge, and a reference for support. */
export function state({ title, sentence }, { button = null, below = null, reference = "" } = {}) {
  const note = reference && markup("p", { class: "push tiny label" }, `Reference ${reference}`);
  return [
    markup("h2", { class: "title" }, title),
    markup("p", { class: "sentence" }, sentence),
    button,
    below && markup("div", { class: "push" }, below),
    note,
  ].filter(Boolean);
}

/** The button of a state. */
export const wayOut = (text, onclick) => markup("button", { class: "button", type: "button", onclick }, text);

/** A server that is not counting, by its health: how far it is, else why it waits. */
export function notCounting({ detail, position, lag }, say) {
  if (!lag) return state({ ...words.WAITING, sentence: detail || words.WAITING.sentence });
  const far = markup("span", {}, `${say.number(position)} of ${say.number(position + lag)}`);
  const line = markup("p", { class: "line small sentence" }, markup("span", {}, "Entries"), far);
  return state(words.REBUILDING, {
    below: [line, markup("span", { class: "rule", "--v": position / (position + lag) })],
  });
}

/** Why there are no rows: an error of the ledger; `again` is called when a person wants to try again. */
export function failed(error, again) {
  if (error.code === "NO_RULEBOOK") return state({ ...words.WAITING, sentence: error.message });
  if (error.status === 0) return state(words.OFFLINE, { button: wayOut("Try again", again) });
  return state(words.FAILED, { button: wayOut("Try again", again), reference: error.code });
}
