// A row of tabs: one stop for the tab key, arrows move and choose, as the reader's direction has it.
import { markup } from "./markup.js";

export class Tabs {
  #choose;
  #shown = "";

  /** `choose(value)` is called when a person chooses; `panel` is the id of what the tabs control. */
  constructor({ label, look, panel, choose }) {
    this.#choose = choose;
    this.panel = panel;
    this.element = markup("div", { class: `tabs ${look}`, role: "tablist", "aria-label": label });
    this.element.addEventListener("keydown", (event) => this.#arrow(event));
  }

  /** Shows `items` ({value, text}) with one chosen; the same items keep their elements, and so the focus. */
  show(items, chosen) {
    const shown = JSON.stringify(items);
    if (shown !== this.#shown) this.element.replaceChildren(...items.map((item) => this.#tab(item)));
    this.#shown = shown;
    for (const tab of this.element.children) {
      const selected = tab.dataset.value === chosen;
      tab.setAttribute("aria-selected", selected);
      tab.tabIndex = selected ? 0 : -1;
    }
    if (!items.some((item) => item.value === chosen) && items.length) this.element.firstChild.tabIndex = 0;
  }

  #tab({ value, text }) {
    const choose = () => this.#choose(value);
    const attributes = {
      class: "tab",
      role: "tab",
      type: "button",
      "data-value": value,
      "aria-controls": this.panel,
    };
    return markup("button", { ...attributes, onclick: choose }, text);
  }

  #arrow(event) {
    const all = [...this.element.children];
    const at = all.indexOf(event.target);
    const onward = this.element.matches(":dir(rtl)") ? -1 : 1;
    const to = { ArrowRight: at + onward, ArrowLeft: at - onward, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const tab = all.at(to % all.length);
    tab.focus();
    tab.click();
  }
}
