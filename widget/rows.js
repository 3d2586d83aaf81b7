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
    if (this.#since.size === 0) for (const row of shown) this.#since.set(row.key, row.rank);
    const digits = Math.max(2, ...shown.map((row) => String(row.rank ?? "").length));
    this.element.style.setProperty("--digits", digits);
    moving(this.element, () => {
      const items = shown.map((row) => this.#item(row));
      shown.forEach((row, i) => this.#fill(items[i], row, { words, scale }));
      this.#items = new Map(shown.map((row, i) => [row.key, items[i]]));
      if (
        items.some((item, i) => this.element.children[i] !== item) ||
        items.length !== this.element.children.length
      ) {
        this.element.replaceChildren(...items);
      }
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
    return this.#items.get(row.key) ?? markup("li", { class: "row", "data-key": row.key });
  }

  #fill(item, row, { words, scale }) {
    const score = words.number(row.score, scale);
    item.className = `row${row.you ? " row-you" : ""}${row.gap ? " row-after-gap" : ""}`;
    item.style.setProperty("--v", row.share.toFixed(4));
    const focused = item.contains(item.getRootNode().activeElement);
    const why = row.member === undefined ? null : (item.querySelector(".why") ?? this.#why(item));
    item.row = row;
    why?.setAttribute("aria-label", `why? ${shownName(row)}, ${score}`);
    why?.setAttribute("aria-expanded", row.key === this.opened);
    item.replaceChildren(
      ...[
        rank(row, words),
        who(row, words, scale),
        why,
        this.#move(row, words),
        markup("span", { class: "score" }, score),
      ].filter(Boolean),
    );
    if (focused) why?.focus();
  }

  #why(item) {
    const onclick = () => this.#open(item.row);
    const attributes = { class: "why", type: "button", "aria-haspopup": "dialog", onclick };
    return markup("button", attributes, markup("bdi", { "aria-hidden": "true" }, "why?"));
  }

  #move(row, words) {
    const before = this.#since.get(row.key);
    const up = (before ?? row.rank) - row.rank;
    if (!up || row.rank === null) return markup("span", { class: "move" });
    const spoken = `${up > 0 ? "up" : "down"} ${Math.abs(up)} since this page was opened`;
    return markup(
      "span",
      { class: "move", title: spoken },
      markup("span", { "aria-hidden": "true" }, `${up > 0 ? "↑" : "↓"} ${words.number(Math.abs(up))}`),
      markup("span", { class: "unseen" }, spoken),
    );
  }
}

function rank(row, words) {
  if (row.rank === null)
    return markup(
      "span",
      { class: "rank" },
      markup("span", { "aria-hidden": "true" }, "–"),
      markup("span", { class: "unseen" }, "not ranked"),
    );
  const spoken = markup("span", { class: "unseen" }, "shared rank ");
  const sign = markup("i", { "aria-hidden": "true" }, "=");
  return markup("span", { class: "rank" }, ...(row.shared ? [spoken, sign] : []), words.number(row.rank));
}

function who(row, words, scale) {
  const name = shownName(row);
  const more = row.you
    ? "you"
    : row.members !== undefined
      ? people(row.members, words.number(row.members))
      : row.rank === null
        ? "not listed"
        : null;
  const distance =
    row.you && row.distance ? `${words.number(row.distance.score, scale)} to ${row.distance.name}` : null;
  return markup(
    "span",
    { class: "who" },
    markup("bdi", { title: name }, name),
    more && markup("span", {}, more),
    distance && markup("small", {}, distance),
  );
}
