// <karma-badge badge="reviewer" metal="gold" size="64">: one engraved medal; the words stand beside it, so it is silent.
import { badge } from "./badge.js";
import { sheets } from "./styles.js";

const adopted = await sheets("tokens.css");

export class KarmaBadge extends HTMLElement {
  static observedAttributes = ["badge", "metal", "size"];

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = adopted;
  }

  attributeChangedCallback() {
    const size = Number(this.getAttribute("size")) || 96;
    const page = document.createElement("template");
    // badge() writes numbers and words of its own only: no attribute reaches the markup
    page.innerHTML = badge(this.getAttribute("badge") ?? "", this.getAttribute("metal") ?? "bronze", size);
    page.content.firstChild.style.display = "block";
    this.shadowRoot.replaceChildren(page.content);
  }
}
