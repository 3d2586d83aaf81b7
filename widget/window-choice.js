// Chooses a window of the past: earlier and later, a part of the year, the year.
import { icon, markup } from "./markup.js";
import { containing, inYear, isDated, kindOf, partName, siblings, step, yearOf } from "./windows.js";

const YEARS = 20; // as far back as the list of years goes

const option = (value, text, chosen) => markup("option", { value, selected: value === chosen }, text);

export class WindowChoice {
  #choose;
  #window = "all";
  #today = new Date();

  /** `choose(window)` is called with a dated window, or with the kind ("month") for the running one. */
  constructor(choose) {
    this.#choose = choose;
    const button = (name, label, count) =>
      markup(
        "button",
        {
          class: "icon onward",
          type: "button",
          "aria-label": label,
          onclick: () => this.#go(step(this.#window, count)),
        },
        icon(name),
      );
    this.earlier = button("earlier", "Earlier", -1);
    this.later = button("later", "Later", 1);
    this.part = markup("select", { "aria-label": "Part of the year", onchange: () => this.#go(this.part.value) });
    this.year = markup("select", {
      "aria-label": "Year",
      onchange: () => this.#go(inYear(this.#window, Number(this.year.value))),
    });
    this.element = markup(
      "div",
      { class: "window", role: "group", "aria-label": "Which one" },
      this.earlier,
      this.part,
      this.year,
      this.later,
    );
  }

  /** Shows a window; the running one ("month") is the one that holds `today`, a Date read in UTC. */
  show(window, today, language) {
    const kind = kindOf(window);
    this.element.hidden = kind === "all";
    if (kind === "all") return;
    this.#today = today;
    const running = containing(kind, today);
    const dated = isDated(window) ? window : step(running, window.startsWith("last-") ? -1 : 0);
    const changed = dated !== this.#window;
    this.#window = dated;
    this.later.disabled = dated >= running;
    if (!changed && this.part.options.length) return; // an open list must not be rebuilt under the pointer
    const all = siblings(dated).filter((each) => each <= running || each === dated);
    this.part.hidden = kind === "year";
    this.part.replaceChildren(...all.map((each) => option(each, partName(each, language), dated)));
    const last = Math.max(yearOf(running), yearOf(dated));
    const years = Array.from({ length: Math.max(YEARS, last - yearOf(dated) + 1) }, (_, i) => String(last - i));
    this.year.replaceChildren(...years.map((year) => option(year, year, dated.slice(0, 4))));
  }

  #go(window) {
    const kind = kindOf(window);
    const running = containing(kind, this.#today);
    this.#choose(window >= running ? kind : window);
  }
}
