// Loads our sheets once for all elements; they stay plain .css files beside this module.
const loaded = new Map();

async function load(name) {
  const answer = await fetch(new URL(name, import.meta.url));
  if (!answer.ok) throw new Error(`${name} beside ${import.meta.url} did not load (${answer.status})`);
  return new CSSStyleSheet().replace(await answer.text());
}

/** Constructed sheets by file name, in that order; each is fetched once. */
export function sheets(...names) {
  for (const name of names) if (!loaded.has(name)) loaded.set(name, load(name));
  return Promise.all(names.map((name) => loaded.get(name)));
}
