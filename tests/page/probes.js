// What tests ask of an open page: put into every tab before the page's own scripts, as window.probes.
{
  const roots = () => [document, ...[...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter(Boolean)];
  const everything = (selector) => roots().flatMap((root) => [...root.querySelectorAll(selector)]);
  const text = (row, selector) => row.querySelector(selector).textContent;

  // the colour that a stack of colours paints, as sRGB bytes; a canvas knows every notation that CSS knows
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const painted = (under, colour) => {
    for (const paint of [`rgb(${under})`, colour]) {
      canvas.fillStyle = paint;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const around = (e) => e.assignedSlot ?? e.parentElement ?? e.getRootNode().host;
  const paper = (e) => (e ? painted(paper(around(e)), getComputedStyle(e).backgroundColor) : [255, 255, 255]);

  // WCAG 2.2, relative luminance and contrast ratio
  const linear = (byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };

  const speaks = (e) => [...e.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const seen = (e) =>
    e.checkVisibility({ opacityProperty: true }) && !e.disabled && !e.closest("svg, .unseen, option");

  window.probes = {
    moves: 0,

    /** The rows of the board as a person reads them. */
    rows: () =>
      everything(".row").map((row) => ({
        rank: text(row, ".rank"),
        who: text(row, ".who bdi"),
        score: text(row, ".score"),
        share: Number(row.style.getPropertyValue("--v")),
      })),

    /** [text, contrast ratio] of every text that is to be seen. */
    contrasts: () =>
      everything("*")
        .filter((e) => seen(e) && speaks(e))
        .map((e) => [e.textContent.trim(), contrast(paper(e), painted(paper(e), getComputedStyle(e).color))]),

    /** Controls that are lower than 24 px. */
    lowTargets: () =>
      everything("button, select, input")
        .map((e) => ({ text: e.textContent, height: e.getBoundingClientRect().height }))
        .filter(({ height }) => height > 0 && height < 24),
  };

  const play = Element.prototype.animate;
  Element.prototype.animate = function (frames, how) {
    if (frames[0].transform) window.probes.moves += 1;
    return play.call(this, frames, how);
  };
}
