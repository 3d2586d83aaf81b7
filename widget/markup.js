// Builds DOM without markup strings: what people typed can never become an element.

/** An element: `markup("li", {class: "row", "aria-label": "…", onclick: f}, ...children)`; null children are left out. */
export function markup(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const ICONS = {
  earlier: "m10 3-5 5 5 5",
  later: "m6 3 5 5-5 5",
  close: "m3.5 3.5 9 9m0-9-9 9",
  offline: "M1.5 6.2a9.6 9.6 0 0 1 13 0M4 9a5.9 5.9 0 0 1 8 0M8 12.4v.1M2.5 13.5l11-11",
};
const KARMA =
  "M8 1.05C9.64 1.05 10.11 3.25 11.09 3.95S14.29 4.43 14.8 5.99S13.36 8.68 12.99 9.82S13.53 13.02 12.2 13.98S9.2 13.45 8 13.45" +
  "S5.12 14.95 3.8 13.98S3.38 10.96 3.01 9.82S0.69 7.55 1.2 5.99S3.94 4.66 4.91 3.95S6.36 1.05 8 1.05Z" +
  "M8 5.9a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6Z";

function drawing(path, paint) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const all = { viewBox: "0 0 16 16", width: 15, height: 15, "aria-hidden": "true", ...paint };
  for (const [name, value] of Object.entries(all)) svg.setAttribute(name, value);
  svg.append(document.createElementNS(space, "path"));
  svg.firstChild.setAttribute("d", path);
  return svg;
}

/** A line drawing of 15 px in the colour of the text: earlier, later, close, offline. */
export const icon = (name) =>
  drawing(ICONS[name], {
    fill: "none",
    stroke: "currentColor",
    "stroke-width": 1.5,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  });

/** The sign of karma, which stands behind its amount. */
export const karmaSign = () => drawing(KARMA, { fill: "currentColor", "fill-rule": "evenodd" });
