// Every sentence that people read, in one place: short, concrete, with the reason first and then the way out.
import { isDated, kindOf, name as windowName } from "./windows.js";

const SMALL = [
  "none",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];
const inWords = (count) => SMALL[count] ?? String(count);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Figures, dates and sentences in one language (a BCP 47 tag). */
export class Words {
  constructor(language) {
    this.language = language;
    this.plural = new Intl.PluralRules("en", { type: "ordinal" });
  }

  /** 6,438; the scale of a score says how many of its digits stand behind the point. */
  number(value, scale = 0) {
    const form = { minimumFractionDigits: 0, maximumFractionDigits: scale };
    return new Intl.NumberFormat(this.language, form).format(value / 10 ** scale).replace("-", "−");
  }

  /** 12 Nov 2024, in the reader's time zone. */
  date(instant) {
    return new Intl.DateTimeFormat(this.language, { day: "numeric", month: "short", year: "numeric" }).format(
      new Date(instant),
    );
  }

  /** 10:42 today, 12 Nov 2024, 10:42 on other days. */
  moment(instant, now = new Date()) {
    const then = new Date(instant);
    const time = new Intl.DateTimeFormat(this.language, { hour: "2-digit", minute: "2-digit" }).format(then);
    return then.toDateString() === now.toDateString() ? time : `${this.date(then)}, ${time}`;
  }

  /** 3rd of 636, shared 10th of 636. */
  place({ rank, shared, total }) {
    const ending = { one: "st", two: "nd", few: "rd", other: "th" }[this.plural.select(rank)];
    return `${shared ? "shared " : ""}${this.number(rank)}${ending} of ${this.number(total)}`;
  }

  window(window) {
    return windowName(window, this.language);
  }

  /** Nobody has points yet, this week, in May 2014. */
  empty(window) {
    const when = this.window(window);
    const sentence =
      kindOf(window) === "all"
        ? "Nobody has points yet."
        : isDated(window)
          ? `Nobody had points in ${when}.`
          : `Nobody has points ${when} yet.`;
    return { title: "A clean page.", sentence };
  }

  apart(count) {
    return { people: `${this.number(count)} colleagues`, reason: "not ranked, by choice" };
  }

  boardPart(shown, total) {
    return shown < total ? `The first ${inWords(shown)} of ${this.number(total)}` : `All ${inWords(total)}`;
  }

  replay({ clock, done, of }) {
    return `Replaying ${clock.slice(0, 7)}: ${this.number(done)} of ${this.number(of)} events.`;
  }
}

export const scopeName = (by) => (by === "member" ? "Everyone" : `By ${by.replaceAll("_", " ")}`);
export const tabName = (kind) => capital(kind);
export const levelName = (level) => capital(level);
export const people = (count, number) => (count === 1 ? "1 person" : `${number} people`);

/** A title of the rulebook: a text, or one per language. */
export function titleOf(title, language, id) {
  if (typeof title === "string") return title;
  return title?.[language] ?? title?.[language.split("-")[0]] ?? Object.values(title ?? {})[0] ?? id;
}

export const FAILED = { title: "The board did not load.", sentence: "That is on our side. No points are lost." };
export const OFFLINE = { title: "No connection.", sentence: "The board is back as soon as the network is." };
export const NO_BOARDS = { title: "No boards yet.", sentence: "The rulebook in force names none." };
export const WAITING = { title: "Not counting yet.", sentence: "The board is here as soon as counting begins." };
export const REBUILDING = {
  title: "Counting again.",
  sentence: "Ranks are back in a moment. What you do meanwhile counts.",
};
export const AWAY = {
  title: "You have been away for a while.",
  sentence: "This page has to sign you in again before it can show the board.",
};
export const NO_KEY = {
  title: "This page opens with a key.",
  sentence: "It is the one that the server printed at its first start, or the one that you were given.",
};
export const stoodAt = (moment) => `No connection. This is how it stood at ${moment}.`;
export const upToDate = (moment) => (moment ? `Up to date at ${moment}` : "Nothing recorded yet");
export const HELD = "Rows stay while you point at them.";
export const NOTHING_RECORDED = "Nothing is recorded for this member.";
export const MEMBER_FAILED = "The points did not load. No points are lost.";
