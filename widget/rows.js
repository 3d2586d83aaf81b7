// The ordered list of a board: keeps one element per member, so that a rank that changes is a row that moves.
import { markup } from "./markup.js";
import { moving } from "./motion.js";
import { people } from "./words.js";

const keyOf = (row) => row.member ?? row.group;
export const shownName = (row) => row.name ?? keyOf(row);

/** The rows as they are shown: whether a rank is shared, the share of first place, who is next above. */
export function places(rows) {
  const ranked = rows.filter((row) => row.rank !== null);
  const first = Math.max(0, ...rows.map((row) => row.score));
  return rows.map((row) => {
    const at = ranked.indexOf(row);
    const above = ranked.slice(0, Math.max(at, 0)).findLast((other) => other.score > row.score);
    const gap =
      at > 0 && row.rank - ranked[at - 1].rank > ranked.filter((other) => other.rank === ranked[at - 1].rank).length;
    return {
      ...row,
      key: keyOf(row),
      shared: at >= 0 && ranked.filter((other) => other.rank === row.rank).length > 1,
      share: first > 0 ? Math.max(0, row.score / first) : 0,
      distance: above ? { score: above.score - row.score, name: shownName(above) } : null,
      gap,
    };
  });
}

export class Rows {
  #items = new Map();
  #shown = new Map();
  #since = new Map(); // the rank of each member when this view was opened
  #open;
  opened = null; // the member whose sheet is open

  /** `open(row)` is called when a person asks why. */
  constructor(open) {
    this.#open = open;
    this.element = markup("ol", { class: "rows", role: "list" });
  }

  /** Forgets what was shown: the next rows belong to another view. */
  clear() {
    this.#since.clear();
    this.#items.clear();
    this.element.replaceChildren();
  }

  /** Whether showing these would move a row under the pointer or under the focus. */
  wouldDisturb(rows) {
    const order = rows.map(keyOf).join("\n");
    const touched = matchMedia("(hover: hover)").matches && this.element.matches(":hover");
    const read = this.element.querySelector(":focus-visible") !== null;
    return (touched || read) && this.#items.size > 0 && order !== [...this.#items.keys()].join("\n");
  }

  show(rows, { words, scale }) {
    const shown = places(rows);
    this.#shown = new Map(shown.map((row) => [row.key, row]));
    if (this.#since.size === 0) for (const row of shown) this.#since.set(row.key, row.rank);
    const digits = Math.max(2, ...shown.map((row) => String(row.rank ?? "").length));
    this.element.style.setProperty("--digits", digits);
    moving(this.element, () => {
      const items = shown.map((row) => this.#items.get(row.key) ?? this.#item(row));
      shown.forEach((row, i) => this.#fill(items[i], row, { words, scale }));
      this.#items = new Map(shown.map((row, i) => [row.key, items[i]]));
      for (const item of [...this.element.children]) if (!items.includes(item)) item.remove();
      items.forEach((item, i) => {
        if (this.element.children[i] !== item) this.element.insertBefore(item, this.element.children[i] ?? null);
      });
    });
  }

  /** Says beside which row a sheet stands open; null for none. */
  mark(member) {
    this.opened = member;
    for (const [key, item] of this.#items) item.querySelector(".why")?.setAttribute("aria-expanded", key === member);
  }

  /** Gives the focus back to the row of a member, if it is still there. */
  focus(member) {
    this.#items.get(member)?.querySelector(".why")?.focus();
  }

  #item(row) {
    const part = (name) => markup("span", { class: name });
    const why = row.member === undefined ? [] : [this.#why(row.key)];
    return markup("li", { class: "row" }, part("rank"), part("who"), ...why, part("move"), part("score"));
  }

  #why(key) {
    const onclick = () => this.#open(this.#shown.get(key));
    const attributes = { class: "why", type: "button", "aria-haspopup": "dialog", onclick };
    return markup("button", attributes, markup("bdi", { "aria-hidden": "true" }, "why?"));
  }

  /** Only what is inside the parts changes: a button that is pressed or has the focus stays the same button. */
  #fill(item, row, { words, scale }) {
    const part = (name) => item.querySelector(`.${name}`);
    const score = words.number(row.score, scale);
    item.className = `row${row.you ? " row-you" : ""}${row.gap ? " row-after-gap" : ""}`;
    item.style.setProperty("--v", row.share.toFixed(4));
    part("rank").replaceChildren(...rank(row, words));
    part("who").replaceChildren(...who(row, words, scale));
    part("move").replaceChildren(...move(row, this.#since.get(row.key), words));
    part("score").textContent = score;
    part("why")?.setAttribute("aria-label", `why? ${shownName(row)}, ${score}`);
    part("why")?.setAttribute("aria-expanded", row.key === this.opened);
  }
}

const silent = (text, tag = "span") => markup(tag, { "aria-hidden": "true" }, text);
const spoken = (text) => markup("span", { class: "unseen" }, text);

function rank(row, words) {
  if (row.rank === null) return [silent("–"), spoken("not ranked")];
  return [...(row.shared ? [spoken("shared rank "), silent("=", "i")] : []), words.number(row.rank)];
}

function who(row, words, scale) {
  const name = shownName(row);
  const members = row.members === undefined ? null : people(row.members, words.number(row.members));
  const more = row.you ? "you" : (members ?? (row.rank === null ? "not listed" : null));
  const distance =
    row.you && row.distance ? `${words.number(row.distance.score, scale)} to ${row.distance.name}` : null;
  const parts = [more && markup("span", {}, more), distance && markup("small", {}, distance)];
  return [markup("bdi", { title: name }, name), ...parts.filter(Boolean)];
}

function move({ rank: now }, before, words) {
  if (now === null || !before || now === before) return [];
  const up = before - now;
  const far = words.number(Math.abs(up));
  return [
    silent(`${up > 0 ? "↑" : "↓"} ${far}`),
    spoken(`${up > 0 ? "up" : "down"} ${far} since this page was opened`),
  ];
}
