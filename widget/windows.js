// The calendar of boards: what a window is called, which comes before it, and which one a day belongs to.
// Windows are written as in the API: all, 2024, 2024-Q2, 2024-05, 2024-W10 (ISO 8601, Monday first), 2024-05-31.
const DAY_MS = 86_400_000;
const SHAPES = {
  year: /^(\d{4})$/,
  quarter: /^(\d{4})-Q([1-4])$/,
  month: /^(\d{4})-(0[1-9]|1[0-2])$/,
  week: /^(\d{4})-W(0[1-9]|[1-4]\d|5[0-3])$/,
  day: /^(\d{4})-(\d\d)-(\d\d)$/,
};
export const KINDS = ["day", "week", "month", "quarter", "year", "all"];

/** day, week, month, quarter, year or all, of "2024-05" as of "month" and "last-month"; undefined for anything else. */
export function kindOf(window) {
  const running = window.replace(/^last-/, "");
  return KINDS.includes(running) ? running : Object.keys(SHAPES).find((kind) => SHAPES[kind].test(window));
}

/** Whether a window is one of the calendar rather than the running one ("month") or everything. */
export const isDated = (window) =>
  !KINDS.includes(window) && !window.startsWith("last-") && kindOf(window) !== undefined;

const two = (number) => String(number).padStart(2, "0");
const utc = (year, month, day) => new Date(Date.UTC(year, month, day));
const mondayOf = (date) => new Date(date - ((date.getUTCDay() + 6) % 7) * DAY_MS);

/** The window of a kind that holds a day (a Date read in UTC). */
export function containing(kind, date) {
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (kind === "year") return String(year);
  if (kind === "quarter") return `${year}-Q${Math.floor(month / 3) + 1}`;
  if (kind === "month") return `${year}-${two(month + 1)}`;
  if (kind === "day") return date.toISOString().slice(0, 10);
  if (kind === "all") return "all";
  const thursday = new Date(+mondayOf(date) + 3 * DAY_MS); // an ISO week belongs to the year of its Thursday
  const firstMonday = mondayOf(utc(thursday.getUTCFullYear(), 0, 4));
  return `${thursday.getUTCFullYear()}-W${two(1 + Math.round((mondayOf(date) - firstMonday) / (7 * DAY_MS)))}`;
}

/** The first day of a dated window, as a Date in UTC. */
export function firstDay(window) {
  const kind = kindOf(window);
  const [, year, part, day] = SHAPES[kind].exec(window).map(Number);
  if (kind === "year") return utc(year, 0, 1);
  if (kind === "quarter") return utc(year, (part - 1) * 3, 1);
  if (kind === "month") return utc(year, part - 1, 1);
  if (kind === "day") return utc(year, part - 1, day);
  return new Date(+mondayOf(utc(year, 0, 4)) + (part - 1) * 7 * DAY_MS);
}

/** The window of the same kind `count` later (negative: earlier). */
export function step(window, count) {
  const kind = kindOf(window);
  const date = firstDay(window);
  if (kind === "day") date.setUTCDate(date.getUTCDate() + count);
  else if (kind === "week") date.setUTCDate(date.getUTCDate() + 7 * count);
  else date.setUTCMonth(date.getUTCMonth() + { month: 1, quarter: 3, year: 12 }[kind] * count);
  return containing(kind, date);
}

/** The year a dated window is filed under; for a week its ISO year. */
export const yearOf = (window) => Number(window.slice(0, 4));

/** All windows of the kind in the year of `window`, in order. */
export function siblings(window) {
  const kind = kindOf(window);
  if (kind === "year") return [window];
  const year = yearOf(window);
  let each = kind === "week" ? `${year}-W01` : containing(kind, utc(year, 0, 1));
  const all = [];
  for (; yearOf(each) === year; each = step(each, 1)) all.push(each);
  return all;
}

/** The same part of another year, or the year's last where it has no such week or day. */
export function inYear(window, year) {
  if (kindOf(window) === "year") return String(year);
  const moved = `${year}${window.slice(4)}`;
  const all = siblings(containing(kindOf(window), utc(year, 6, 1)));
  return all.includes(moved) ? moved : all.at(-1);
}

/** A window without its year, for people: May, Week 22, Q2, 31 May. */
export function partName(window, language) {
  const kind = kindOf(window);
  if (kind === "week") return `Week ${Number(window.slice(6))}`;
  if (kind === "quarter") return window.slice(5);
  if (kind === "year") return window;
  const form = kind === "month" ? { month: "long" } : { day: "numeric", month: "long" };
  return new Intl.DateTimeFormat(language, { ...form, timeZone: "UTC" }).format(firstDay(window));
}

/** A window for people: May 2024, Week 22 of 2024, this month, all time. */
export function name(window, language) {
  const kind = kindOf(window);
  if (kind === "all") return "all time";
  if (window.startsWith("last-")) return kind === "day" ? "yesterday" : `last ${kind}`;
  if (!isDated(window)) return kind === "day" ? "today" : `this ${kind}`;
  if (kind === "year") return window;
  return `${partName(window, language)}${kind === "week" ? " of" : ""} ${yearOf(window)}`;
}
