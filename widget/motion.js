// Rows that change places: measure, render, put each back by a transform, release. All at once, or a cross-fade.
const MOVE_MS = 240;
const FADE_MS = 120;
const MOST = 12; // more moves than these are a new page rather than a movement
const EASE = "cubic-bezier(0.2, 0.7, 0.2, 1)";
const running = new WeakMap();

const still = () => document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches;

function play(element, frames, duration) {
  running.get(element)?.cancel();
  running.set(element, element.animate(frames, { duration, easing: EASE }));
}

/** Runs `render`, which may reorder, add and drop children of `list`, and shows who went where. */
export function moving(list, render) {
  if (still()) return render();
  const before = new Map([...list.children].map((row) => [row, row.getBoundingClientRect().top]));
  render();
  for (const row of list.children) running.get(row)?.cancel(); // so that places are measured at rest
  const rows = [...list.children];
  const ways = rows.map((row) => (before.has(row) ? before.get(row) - row.getBoundingClientRect().top : null));
  const moved = ways.filter((way) => way === null || Math.abs(way) > 0.5).length;
  if (moved > MOST || (moved === rows.length && !ways.some((way) => way !== null))) {
    return play(list, [{ opacity: 0.3 }, { opacity: 1 }], FADE_MS);
  }
  rows.forEach((row, i) => {
    if (ways[i] === null) play(row, [{ opacity: 0 }, { opacity: 1 }], MOVE_MS);
    else if (Math.abs(ways[i]) > 0.5)
      play(row, [{ transform: `translateY(${ways[i]}px)` }, { transform: "none" }], MOVE_MS);
  });
}
