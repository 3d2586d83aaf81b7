// <karma-badges>: every badge of the rulebook, level beside level, with what each one takes.
import { metal } from "./badge.js";
import { markup } from "./markup.js";
import { sheets } from "./styles.js";
import { levelName, titleOf, Words } from "./words.js";

const adopted = await sheets("tokens.css", "paper.css", "member.css");
const MEDAL_PX = 72;

export class KarmaBadges extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = adopted;
  }

  /** Shows the list of GET /v1/badges. */
  show(badges) {
    const words = new Words(this.closest("[lang]")?.lang || navigator.language);
    const ladders = badges.map((entry) => this.#ladder(entry, words));
    const heading = markup("h2", { class: "strong" }, "Badges");
    this.shadowRoot.replaceChildren(
      markup(
        "section",
        { class: "sheet member" },
        heading,
        markup("ol", { class: "ladders", role: "list" }, ...ladders),
      ),
    );
  }

  #ladder({ badge, title, levels, at }, words) {
    const steps = Object.keys(levels ?? {}).length ? Object.entries(levels) : [[null, at]];
    const medals = steps.map(([level, number]) =>
      markup(
        "li",
        {},
        markup("karma-badge", { badge, metal: metal(levels, level), size: MEDAL_PX }),
        markup("span", {}, level && `${levelName(level)} `, number && markup("b", {}, words.number(number))),
      ),
    );
    const name = markup("h3", {}, titleOf(title, words.language, badge));
    return markup("li", {}, name, markup("ol", { class: "ladder", role: "list" }, ...medals));
  }
}
