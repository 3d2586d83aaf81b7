// Draws a badge: the same id always gives the same medal, woven like banknote guilloche; pure, text in, SVG text out.
// One line goes round several times, each round shifted a little. Level, metal and number of rings are all that grows.
const TAU = Math.PI * 2;

/** 32 bits of an id: FNV-1a over its UTF-8 bytes, then the murmur3 finaliser, so that "a" and "b" look nothing alike. */
export function hash(text) {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A stream of numbers in [0, 1) from a seed (mulberry32). */
export function stream(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What stays the same on every level of one badge. The order of the draws is part of the recipe. */
export function genes(id) {
  const next = stream(hash(id));
  const pick = (list) => list[Math.floor(next() * list.length)];
  return {
    plan: pick([
      [9, 18],
      [15, 17],
      [7, 26],
      [11.5, 22],
    ]), // width of the outer ring, radius of the heart
    petals: pick([5, 6, 7, 8, 9, 10, 12]), // of the heart; never 3 or 4: no crosses, no warning signs
    edge: pick([8, 10, 12, 16, 20, 24, 32, 48]), // flutes of the silhouette
    lace: pick([2, 3, 4]), // rounds of the lace
    lobes: pick([7, 8, 9, 11, 13, 15, 17]), // waves a round, outer ring
    rounds: pick([4, 5, 6, 7]), // rounds of the outer ring
    lobes2: pick([12, 14, 16, 18, 22]), // second ring, silver and gold
    eye: pick([0, 1.8, 4.2, -1]), // hole in the heart; -1: a flower within the flower
    turn: next() * TAU, // rotation of ring and lace; the heart stays upright
    slim: 0.26 + next() * 0.42, // waist of the petals
  };
}

const short = (value) => String(Math.round(value * 100) / 100);
const point = (x, y) => `${short(x)} ${short(y)}`;

/**
 * The path of a closed wave on a circle round (60, 60): `waves` crests spread over `turns` rounds.
 * Coprime, they close once and never retrace. Half a wave is one cubic with tangential handles of
 * 0.3642 of it, the usual fit of a cubic to a sine.
 */
export function weave(middle, amplitude, waves, turns = 1, phase = 0) {
  const half = (TAU * turns) / (waves * 2);
  const handle = 0.3642 * half;
  const at = (i) => {
    const angle = phase + i * half;
    const r = middle + (i % 2 ? -amplitude : amplitude);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return { x: 60 + r * c, y: 60 + r * s, hx: -s * handle * r, hy: c * handle * r };
  };
  let p = at(0);
  let path = `M${point(p.x, p.y)}C${point(p.x + p.hx, p.y + p.hy)} `;
  for (let i = 1; i <= waves * 2; i++) {
    p = at(i);
    path += `${i > 1 ? "S" : ""}${point(p.x - p.hx, p.y - p.hy)} ${point(p.x, p.y)}`;
  }
  return `${path}Z`;
}

const RINGS = { bronze: 1, silver: 2, gold: 3 }; // as many pips as rings: the level is readable without colour
export const METALS = Object.keys(RINGS);

/** The metal of a level by its place among a badge's levels; a badge without levels has the first. */
export function metal(levels, level) {
  const place = Object.keys(levels ?? {}).indexOf(level);
  return METALS[Math.min(Math.max(place, 0), METALS.length - 1)];
}

/** The strokes of one medal: `line` engraves a path, `ring` a circle, `dot` fills one; `fine` is the width of a line. */
function graver(name, fine) {
  const ink = (part) => `var(--k-${name}-${part})`;
  return {
    ink,
    line: (path) => `<path d="${path}" fill="none" stroke="${ink("line")}" stroke-width="${fine}"/>`,
    ring: (r, width = fine, extra = "") =>
      `<circle cx="60" cy="60" r="${short(r)}" fill="none" stroke="${ink("line")}" stroke-width="${width}"${extra}/>`,
    dot: (x, y, r, part) => `<circle cx="${short(x)}" cy="${short(y)}" r="${short(r)}" fill="${ink(part)}"/>`,
  };
}

/** The heart: one solid flower, upright, with its eye. */
function heart(g, radius, { ink, dot }) {
  const waist = radius * g.slim;
  const flower = weave((radius + waist) / 2, (radius - waist) / 2, g.petals, 1, -TAU / 4);
  const inner = () => weave(radius * 0.42, radius * 0.16, g.petals, 1, TAU / 4);
  const solid = `<path d="${flower}" fill="${ink("deep")}" stroke="${ink("field")}" stroke-width="2.4" paint-order="stroke"/>`;
  if (g.eye < 0) return `${solid}<path d="${inner()}" fill="${ink("field")}"/>`;
  return g.eye > 0 ? solid + dot(60, 60, g.eye * (radius / 15), "field") : solid;
}

/** The level as pips on the lower edge. */
function pips(count, { dot }) {
  const angles = Array.from({ length: count }, (_, i) => TAU / 4 + (i - (count - 1) / 2) * 0.12);
  return angles.map((angle) => dot(60 + 54 * Math.cos(angle), 60 + 54 * Math.sin(angle), 1.7, "field")).join("");
}

/** The SVG of badge `id` in a metal, `size` CSS pixels wide; it has fewer and thicker lines where it is small. */
export function badge(id, metalName = "bronze", size = 96) {
  const name = Object.hasOwn(RINGS, metalName) ? metalName : "bronze"; // only known words reach the markup
  const grow = RINGS[name];
  const g = genes(String(id));
  const [small, middling] = [size < 40, size < 128];
  const rounds = (count) => (small ? 2 : middling ? Math.min(count, 3) : count);
  const hand = graver(name, small ? 1.1 : middling ? 0.62 : 0.5);
  const { ink, line, ring, dot } = hand;
  const silhouette = weave(56.6, Math.min(1.9, 21 / g.edge), g.edge, 1, -TAU / 4);
  const out = [
    `<path d="${silhouette}" fill="${ink("rim")}"/>`,
    dot(60, 60, 51.5, "field"),
    ring(51.5, small ? 1.2 : 0.7),
  ];

  let r = 49.5; // how far in we are
  const band = small ? 9 : g.plan[0];
  const turns = rounds(g.rounds);
  out.push(line(weave(r - band / 2, band / 2, g.lobes * turns + 1, turns, g.turn)), ring((r -= band + 1.2)));
  if (grow > 1 && !middling) out.push(line(weave(r - 3.8, 2.8, g.lobes2 * 2 + 1, 2, -g.turn)), ring((r -= 7.8)));
  if (grow > 2 && !small) out.push(ring((r -= 2.2), 1.8, ' stroke-dasharray="0.1 2.6" stroke-linecap="round"'));

  // the lace is the heart's petals, woven; left out when small, where the heart grows instead
  const far = r - 1.8;
  const radius = small ? 33 : Math.min(g.plan[1] * (middling ? 1.15 : 1), far * 0.74);
  const near = radius * 0.62;
  const loops = rounds(g.lace);
  if (!small) out.push(line(weave((far + near) / 2, (far - near) / 2, g.petals * loops + 1, loops, g.turn)));
  out.push(heart(g, radius, hand), pips(grow, hand));
  const frame = `viewBox="0 0 120 120" width="${size}" height="${size}" aria-hidden="true"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${frame}>${out.join("")}</svg>`;
}
