// Registers the elements; import the classes instead to register them under other names.
import { KarmaBadge } from "./karma-badge.js";
import { KarmaBadges } from "./karma-badges.js";
import { KarmaBoard } from "./karma-board.js";
import { KarmaMember } from "./karma-member.js";

const elements = {
  "karma-badge": KarmaBadge,
  "karma-badges": KarmaBadges,
  "karma-board": KarmaBoard,
  "karma-member": KarmaMember,
};
for (const [name, element] of Object.entries(elements))
  if (!customElements.get(name)) customElements.define(name, element);
