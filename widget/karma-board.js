// <karma-board>: one board, live: who (everyone, by team), when (tabs, and windows of the past), and the rows.
import { failed, notCounting, skeleton, state, wayOut } from "./instead.js";
import { icon, markup } from "./markup.js";
import { Rows } from "./rows.js";
import { sheets } from "./styles.js";
import { Tabs } from "./tabs.js";
import { WindowChoice } from "./window-choice.js";
import { RefusedRequest } from "./ledger.js";
import { containing, isDated, kindOf, KINDS } from "./windows.js";
import * as words from "./words.js";

const adopted = await sheets("tokens.css", "paper.css", "board.css");
const CALM_MS = 320; // at most one rendering in this time, so that a movement comes to its end

/**
 * Events: `karma-view` {window, by} when a person chose a tab, `karma-member` {member, place} when they asked why,
 * `karma-answer` (the answer shown), `karma-refused` (the error) when the key is not good, `karma-retry`.
 */
export class KarmaBoard extends HTMLElement {
  #view = null;
  #clock = null; // of a replay: what "this week" means while the past runs by
  #listening = null;
  #asked = "";
  #answer = null;
  #next = null; // the newest answer that is not shown yet
  #timer = null;
  #drawn_ms = 0;
  #scope;
  #time;
  #choice;
  #rows;
  #parts;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = adopted;
    const choose = (change) => this.#emit("karma-view", change);
    const tabs = (label, look, chosen) => new Tabs({ label, look, panel: "panel", choose: chosen });
    this.#scope = tabs("Who", "tabs-scope", (by) => choose({ by }));
    this.#time = tabs("Time", "tabs-time", (window) => choose({ window }));
    this.#choice = new WindowChoice((window) => choose({ window }));
    this.#rows = new Rows((row) => this.#why(row));
    this.#rows.element.addEventListener("pointerleave", () => this.#soon());
    this.#rows.element.addEventListener("focusout", () => this.#soon());
    this.#parts = {
      head: markup("div", { class: "head", hidden: true }, this.#scope.element, this.#time.element),
      part: markup("span"),
      note: markup("p", { class: "note", role: "status", hidden: true }),
      state: markup("div", { class: "state", hidden: true }),
      apart: markup("p", { class: "apart", hidden: true }),
      moment: markup("bdi"),
      rulebook: markup("span"),
      yours: markup("p", { class: "unseen", "aria-live": "polite" }),
    };
    this.#lay(this.#parts);
    this.#instead(skeleton());
  }

  #lay(parts) {
    const { head, part, note, moment, rulebook, yours } = parts;
    const panel = { id: "panel", role: "tabpanel", "aria-label": "Board" };
    parts.span = markup("div", { class: "span", hidden: true }, part, this.#choice.element);
    parts.panel = markup("div", panel, note, this.#rows.element, parts.apart, parts.state);
    const foot = markup("p", { class: "foot" }, moment, rulebook);
    this.shadowRoot.append(markup("div", { class: "sheet" }, head, parts.span, parts.panel, foot, yours));
  }

  disconnectedCallback() {
    this.#listening?.abort();
    this.#asked = "";
  }

  get words() {
    return new words.Words(this.closest("[lang]")?.lang || document.documentElement.lang || navigator.language);
  }

  /** Shows a view: `ledger`, `board` (its entry in GET /v1/boards), `window`, `by`. */
  show(view) {
    if (view.ledger !== this.#view?.ledger) this.#asked = ""; // another key: ask again
    this.#view = view;
    this.#parts.head.hidden = this.#parts.span.hidden = false;
    this.#scope.show(
      view.board.by.map((by) => ({ value: by, text: words.scopeName(by) })),
      view.by,
    );
    const kinds = KINDS.filter((kind) => view.board.windows.includes(kind));
    this.#time.show(
      kinds.map((kind) => ({ value: kind, text: words.tabName(kind) })),
      kindOf(view.window),
    );
    this.#choice.show(view.window, this.#today(), this.words.language);
    this.#listen();
  }

  /** What the clock of a replay says (a Date), or null: the running window is the one that holds it. */
  set clock(clock) {
    this.#clock = clock;
    if (this.#view) this.show(this.#view);
  }

  /** Asks again, at once. */
  retry() {
    this.#asked = "";
    if (this.#view) this.#listen();
    else this.#emit("karma-retry");
  }

  /** Says beside which row a member's sheet stands open (null: none). */
  mark(member) {
    this.#rows.mark(member);
  }

  /** Gives the focus back to the row that opened a sheet. */
  focusRow(member) {
    this.#rows.focus(member);
  }

  /** Shows why there are no rows: an error of the ledger, or the health of a server that is not counting. */
  fail(error, health = null) {
    if (this.#answer) {
      this.#parts.panel.classList.add("stale");
      return this.#note(words.stoodAt(this.words.moment(this.#answer.seen)), "offline");
    }
    const waits = health && health.status !== "ok";
    return this.#instead(waits ? notCounting(health, this.words) : failed(error, () => this.retry()));
  }

  /** Says something ({title, sentence}) instead of rows. */
  say(sentence) {
    this.#instead(state(sentence));
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #today() {
    const now = new Date();
    return this.#clock ?? new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()));
  }

  #window() {
    const { window } = this.#view;
    return this.#clock && !isDated(window) && kindOf(window) === window ? containing(window, this.#clock) : window;
  }

  #listen() {
    const { ledger, board, by } = this.#view;
    const params = { window: this.#window(), by, top: board.top };
    const asked = JSON.stringify([board.board, params]);
    if (asked === this.#asked) return;
    const follows = this.#clock && this.#answer && this.#asked.includes(`"${board.board}"`) && this.#answer.by === by;
    this.#asked = asked;
    this.#listening?.abort();
    const { signal } = (this.#listening = new AbortController());
    this.#next = null;
    if (!follows) this.#fresh();
    const lost = (error) => this.#lost(error, signal);
    const arrived = (answer) => this.#arrive(answer);
    ledger
      .follow(`/v1/boards/${encodeURIComponent(board.board)}/stream`, params, { arrived, lost, signal })
      .catch((error) => {
        if (signal.aborted) return;
        if (error instanceof RefusedRequest && [401, 403].includes(error.status)) this.#emit("karma-refused", error);
        else this.fail(error);
      });
  }

  async #lost(error, signal) {
    const health =
      this.#answer || error.status === 0 ? null : await this.#view.ledger.get("/health").catch(() => null);
    if (!signal.aborted) this.fail(error, health);
  }

  #fresh() {
    this.#answer = null;
    this.#rows.clear();
    this.#parts.panel.classList.remove("stale");
    this.#note(null);
    this.#instead(skeleton());
  }

  #arrive(answer) {
    this.#next = { ...answer, seen: new Date() };
    this.#soon();
  }

  #soon() {
    if (!this.#next || this.#timer) return;
    const wait = Math.max(0, this.#drawn_ms + CALM_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#draw();
    }, wait);
  }

  #draw() {
    const answer = this.#next;
    if (!answer) return;
    this.#parts.panel.classList.remove("stale");
    if (this.#rows.wouldDisturb(answer.rows)) return this.#foot(words.HELD, answer);
    this.#next = null;
    this.#drawn_ms = performance.now();
    this.#note(null);
    const say = this.words;
    if (answer.rows.length === 0) {
      this.#rows.clear();
      this.#instead(state(say.empty(this.#view.window), { button: this.#widest() }));
    } else {
      this.#instead(null);
      this.#rows.show(answer.rows, { words: say, scale: this.#view.board.scale ?? 0 });
    }
    this.#apart(answer.rows.length ? answer.hidden : 0, say);
    this.#parts.part.textContent = answer.rows.length ? say.boardPart(answer.rows.length, answer.total) : "";
    this.#foot(words.upToDate(answer.clock && say.moment(answer.clock)), answer);
    this.#yours(answer, say);
    this.#answer = answer;
    this.#emit("karma-answer", answer);
  }

  /** How many are not ranked because they chose so: of the whole organisation, whatever they did. */
  #apart(count, say) {
    const { apart } = this.#parts;
    apart.hidden = !count;
    if (!count) return apart.replaceChildren();
    const { people, reason } = say.apart(count);
    const who = markup("span", { class: "who" }, markup("bdi", {}, people), markup("span", {}, reason));
    return apart.replaceChildren(markup("span", { class: "rank", "aria-hidden": "true" }, "–"), who);
  }

  #yours(answer, say) {
    const place = (rows) => rows?.rows.find((row) => row.you)?.rank;
    const rank = place(answer);
    if (rank && this.#answer && rank !== place(this.#answer)) {
      this.#parts.yours.textContent = `You are ${say.place({ rank, total: answer.total })}.`;
    }
  }

  #foot(moment, { rulebook }) {
    this.#parts.moment.textContent = moment;
    this.#parts.rulebook.textContent = rulebook ? `Rulebook ${rulebook}` : "";
  }

  #note(text, sign) {
    const { note } = this.#parts;
    note.hidden = text === null;
    note.replaceChildren(...(text === null ? [] : [icon(sign), text]));
  }

  /** Shows elements instead of the rows; null: the rows. */
  #instead(elements) {
    this.#parts.state.hidden = elements === null;
    this.#rows.element.hidden = elements !== null;
    if (elements !== null) this.#apart(0, null);
    if (elements === null) return;
    this.#parts.part.textContent = "";
    this.#parts.state.replaceChildren(...elements);
  }

  #widest() {
    const wider = KINDS.findLast((kind) => this.#view.board.windows.includes(kind));
    if (!wider || wider === kindOf(this.#view.window)) return null;
    const name = wider === "all" ? "all time" : `this ${wider}`;
    return wayOut(`Show ${name}`, () => this.#emit("karma-view", { window: wider }));
  }

  #why(row) {
    const { board } = this.#view;
    const { total, window } = this.#answer;
    this.#emit("karma-member", {
      member: row.member,
      place: { ...row, total, window: window ?? this.#window(), board },
    });
  }
}
