// <karma-member>: why a member stands where they stand: place, points by rule, karma, rows of weeks, badges.
import { metal } from "./badge.js";
import { icon, karmaSign, markup } from "./markup.js";
import { sheets } from "./styles.js";
import { levelName, MEMBER_FAILED, NOTHING_RECORDED, titleOf, Words } from "./words.js";

const adopted = await sheets("tokens.css", "paper.css", "member.css");
const MEDAL_PX = 72;

const section = (title, ...children) =>
  markup("section", {}, markup("h3", { class: "strong line" }, title), ...children);

/** Badges with their levels together, the highest first, in the order in which the last of them was reached. */
export function reached(badges) {
  const byBadge = new Map();
  for (const entry of [...badges].sort((a, b) => (a.at < b.at ? 1 : -1))) {
    byBadge.set(entry.badge, [...(byBadge.get(entry.badge) ?? []), entry]);
  }
  return [...byBadge].map(([badge, levels]) => ({ badge, levels }));
}

/** Event: `karma-close` when a person closes the sheet. */
export class KarmaMember extends HTMLElement {
  #shown = null; // what was asked for last
  #stale = false; // whether it was asked for after the question that is on its way
  #asking = null;
  #name = markup("h2", { tabindex: -1, dir: "auto" });
  #standing = markup("div", { class: "place" });
  #all;

  constructor() {
    super();
    const close = () => this.dispatchEvent(new CustomEvent("karma-close", { bubbles: true, composed: true }));
    const attributes = { class: "icon", type: "button", "aria-label": "Close", onclick: close };
    const name = markup("div", { class: "name" }, this.#name, markup("button", attributes, icon("close")));
    this.#all = markup("div", { class: "member" }, markup("div", {}, name, this.#standing));
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = adopted;
    this.shadowRoot.append(this.#all);
  }

  /**
   * Shows a member; `place` is their row on a board, `badges` the list of GET /v1/badges. Of the same member the
   * place changes at once; the rest stays until the answer is there, and one question is on its way at a time.
   */
  async show(asked) {
    const another = asked.member !== this.#shown?.member;
    this.#shown = asked;
    this.#stale = true;
    this.#place(asked);
    if (another) this.#sections([]);
    if (another) this.#asking?.abort();
    else if (this.#asking) return;
    const asking = (this.#asking = new AbortController());
    while (this.#stale && !asking.signal.aborted) {
      this.#stale = false;
      const found = await answered(this.#shown, this.words, asking.signal);
      if (!asking.signal.aborted) this.#sections(found);
    }
    if (this.#asking === asking) this.#asking = null;
  }

  get words() {
    return new Words(this.closest("[lang]")?.lang || navigator.language);
  }

  /** Moves the focus to the name, so that a screen reader begins there. */
  focusName() {
    this.#name.focus({ preventScroll: true });
  }

  /** The name, the score and the rank. */
  #place({ member, place }) {
    const { words } = this;
    const { board, window, score, rank, name } = place;
    const what = `${titleOf(board.title, words.language, board.board)}, ${words.window(window)}`;
    const figure = markup("p", { class: "figure figure-great" }, words.number(score, board.scale ?? 0));
    const stands = markup("p", { class: "small sentence" }, rank === null ? "Not ranked" : words.place(place));
    this.#name.textContent = name ?? member;
    this.#standing.replaceChildren(markup("div", {}, markup("p", { class: "small sentence" }, what), figure), stands);
  }

  #sections(sections) {
    while (this.#all.children.length > 1) this.#all.lastChild.remove(); // the name stays: it may have the focus
    this.#all.append(...sections);
  }
}

/** The sections of a member's answer, or the sentence that says why there are none. */
async function answered({ ledger, member, badges }, words, signal) {
  try {
    return sections(await ledger.get(`/v1/members/${encodeURIComponent(member)}`, {}, signal), badges, words);
  } catch (error) {
    const sentence = error.status === 404 ? NOTHING_RECORDED : MEMBER_FAILED;
    return [markup("p", { class: "sentence", role: "status" }, sentence)];
  }
}

function sections({ points, badges: reachedBadges, streaks, karma }, badges, words) {
  const known = new Map((badges ?? []).map((entry) => [entry.badge, entry]));
  const title = (id) => titleOf(known.get(id)?.title, words.language, id);
  return [
    Object.keys(points ?? {}).length > 0 && section("Points by rule, all time", sum(points, words)),
    reachedBadges?.length > 0 && section("Badges", medals(reachedBadges, known, title, words)),
    Object.keys(streaks ?? {}).length > 0 && section("In a row", streakList(streaks, known, title, words)),
    karma && (karma.to_give || karma.earned || karma.owed) ? section("Karma", karmaPair(karma, words)) : false,
  ].filter(Boolean);
}

function sum(points, words) {
  const entries = Object.entries(points).sort(([, a], [, b]) => b - a);
  const total = entries.reduce((all, [, value]) => all + value, 0);
  const line = (name, value, look = "") =>
    markup(
      "li",
      { class: look },
      markup("span", {}, markup("bdi", {}, name)),
      markup("span", {}, words.number(value)),
    );
  return markup(
    "ol",
    { class: "sum", role: "list" },
    ...entries.map(([rule, value]) => line(rule, value)),
    line("Points", total, "total"),
  );
}

function medals(reachedBadges, known, title, words) {
  const items = reached(reachedBadges).map(({ badge, levels }) => {
    const top = metal(known.get(badge)?.levels ?? { bronze: 0, silver: 0, gold: 0 }, levels[0].level);
    const rows = levels.map(({ level, at }) =>
      markup(
        "li",
        {},
        markup("span", {}, level ? levelName(level) : "Reached"),
        markup("time", { datetime: at }, markup("bdi", {}, words.date(at))),
      ),
    );
    const text = markup(
      "div",
      {},
      markup("h4", {}, title(badge)),
      markup("ol", { class: "levels", role: "list" }, ...rows),
    );
    return markup("li", {}, markup("karma-badge", { badge, metal: top, size: MEDAL_PX }), text);
  });
  return markup("ul", { class: "badges", role: "list" }, ...items);
}

function streakList(streaks, known, title, words) {
  const items = Object.entries(streaks).map(([badge, { current, longest }]) => {
    const every = known.get(badge)?.every;
    const now = current
      ? `${words.number(current)} ${every ? `${every}${current === 1 ? "" : "s"} ` : ""}in a row`
      : "A new row can start today.";
    const line = markup(
      "p",
      { class: "line small" },
      markup("span", {}, title(badge)),
      markup("span", { class: "sentence" }, `longest ${words.number(longest)}`),
    );
    const rule = markup("span", { class: "rule", "--v": longest ? current / longest : 0 });
    return markup("li", {}, line, rule, markup("p", { class: "small sentence" }, markup("bdi", {}, now)));
  });
  return markup("ul", { class: "streaks", role: "list" }, ...items);
}

function karmaPair({ to_give: toGive, earned, owed }, words) {
  const amount = (label, value) =>
    markup(
      "div",
      {},
      markup("p", { class: "small sentence" }, label),
      markup("p", { class: "figure unit" }, words.number(value), karmaSign()),
    );
  return markup(
    "div",
    { class: "pair" },
    amount("To give", toGive),
    amount("Earned", earned),
    owed ? amount("Owed", owed) : null,
  );
}
