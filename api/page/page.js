// The page at /: takes the key from the address, shows the boards, and keeps what is chosen in the address.
import "/widget/define.js";
import { Ledger, RefusedRequest } from "/widget/ledger.js";
import { Tabs } from "/widget/tabs.js";
import { isDated, kindOf } from "/widget/windows.js";
import * as words from "/widget/words.js";

const KEY = "karmalog.key";
const LANGUAGE = document.documentElement.lang;
const BESIDE = matchMedia("(min-width: 1100px)"); // room for a member's sheet beside the board
const REPLAY_MS = 1000;
const AGAIN_MS = 5000;
const $ = (id) => document.getElementById(id);
const [board, sheet, member] = [$("board"), $("sheet"), $("member")];

let ledger = null;
let boards = [];
let badges = [];
let replaying = null; // the last answer of GET /v1/replay while it runs
let again = null; // the next try of what failed
let beat = null; // the next look at the replay
let open = null; // {member, place} of the sheet
const view = fromAddress();
const boardTabs = new Tabs({ label: "Board", look: "", panel: "board", choose: (id) => change({ board: id }) });
$("boards").append(boardTabs.element);

/** What the address asks for; a key in it is moved to this tab's session and leaves the address bar. */
function fromAddress() {
  const asked = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  if (asked.key) sessionStorage.setItem(KEY, asked.key);
  delete asked.key;
  toAddress(asked);
  return asked;
}

function toAddress({ board: id, window, by }) {
  const chosen = Object.entries({ board: id, window, by }).filter(([, value]) => value);
  history.replaceState(null, "", chosen.length ? `#${new URLSearchParams(chosen)}` : location.pathname);
}

function signIn(reason) {
  $("shown").hidden = true;
  $("sign-in").hidden = false;
  $("sign-in-title").textContent = reason.title;
  $("sign-in-sentence").textContent = reason.sentence;
  $("key").focus();
}

async function start() {
  clearTimeout(again);
  const key = sessionStorage.getItem(KEY);
  if (!key) return signIn(words.NO_KEY);
  $("sign-in").hidden = true;
  $("shown").hidden = false;
  ledger = new Ledger(location.origin, key);
  try {
    await followReplay();
    ({ boards } = await ledger.get("/v1/boards"));
  } catch (error) {
    if (error instanceof RefusedRequest && [401, 403].includes(error.status)) return refuse();
    board.fail(error, await ledger.get("/health").catch(() => null));
    again = setTimeout(start, AGAIN_MS);
    return undefined;
  }
  if (boards.length === 0) {
    board.say(words.NO_BOARDS);
    again = setTimeout(start, AGAIN_MS);
    return undefined;
  }
  change({});
  ({ badges } = await ledger.get("/v1/badges").catch(() => ({ badges: [] })));
  $("badges").hidden = badges.length === 0;
  $("badges").show(badges);
  return undefined;
}

function refuse() {
  sessionStorage.removeItem(KEY);
  signIn(words.AWAY);
}

/** Makes the view whole, whatever was asked for, and shows it. */
function change(asked) {
  Object.assign(view, asked);
  const entry = boards.find((each) => each.board === view.board) ?? boards[0];
  const { windows, by } = entry;
  const first = replaying && windows.includes("all") ? "all" : windows[0];
  const known = view.window && windows.includes(kindOf(view.window)) ? view.window : first;
  Object.assign(view, { board: entry.board, window: known, by: by.includes(view.by) ? view.by : by[0] });
  boardTabs.show(
    boards.map((each) => ({ value: each.board, text: words.titleOf(each.title, LANGUAGE, each.board) })),
    entry.board,
  );
  document.title = `${words.titleOf(entry.title, LANGUAGE, entry.board)} · karmalog`;
  toAddress(view);
  board.show({ ledger, board: entry, window: view.window, by: view.by });
}

/** Reads how far a replay is, once a second until it is over; a server without one is asked once. */
async function followReplay() {
  replaying = await ledger.get("/v1/replay").catch((error) => {
    if (error instanceof RefusedRequest && error.status !== 404) throw error;
    return null;
  });
  const runs = replaying !== null && replaying.done < replaying.of;
  $("replay").hidden = !runs;
  board.clock = runs && replaying.clock ? new Date(replaying.clock) : null;
  if (!runs) return;
  $("replay-words").textContent = new words.Words(LANGUAGE).replay(replaying);
  $("replay-rule").style.setProperty("--v", replaying.done / replaying.of);
  clearTimeout(beat);
  beat = setTimeout(() => followReplay().catch(() => {}), REPLAY_MS);
}

function openSheet(asked) {
  const { place } = asked;
  open = asked;
  sheet.setAttribute("aria-label", place.name ?? asked.member);
  board.mark(asked.member);
  member.show({ ledger, member: asked.member, place, badges });
  if (!sheet.open) unfold();
  member.focusName();
}

/** Lets an open sheet say what the board now says of its member; one who is not on it keeps what was said. */
function keepSheet({ board: id, window, rows, total }) {
  const row = rows.find((each) => each.member === open.member);
  if (!row) return;
  const shared = rows.filter((each) => each.rank === row.rank).length > 1;
  const place = { ...open.place, ...row, shared, total, window, board: boards.find((each) => each.board === id) };
  if (JSON.stringify(place) === JSON.stringify(open.place)) return;
  open.place = place;
  member.show({ ledger, member: open.member, place, badges });
}

function unfold() {
  if (BESIDE.matches) sheet.show();
  else sheet.showModal();
}

function closeSheet() {
  if (!open) return;
  const { member: was } = open;
  open = null;
  if (sheet.open) sheet.close();
  board.mark(null);
  board.focusRow(was);
}

$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, $("key").value.trim());
  $("key").value = "";
  start();
});
addEventListener("hashchange", () => {
  Object.assign(view, fromAddress());
  if (ledger && boards.length) change({});
  else start();
});
board.addEventListener("karma-view", ({ detail }) => change(detail));
board.addEventListener("karma-refused", refuse);
board.addEventListener("karma-retry", start);
board.addEventListener("karma-member", ({ detail }) => openSheet(detail));
board.addEventListener("karma-answer", ({ detail }) => open && keepSheet(detail));
member.addEventListener("karma-close", closeSheet);
sheet.addEventListener("close", closeSheet);
sheet.addEventListener("click", (event) => event.target === sheet && sheet.matches(":modal") && closeSheet());
addEventListener("keydown", (event) => event.key === "Escape" && open && !sheet.matches(":modal") && closeSheet());
BESIDE.addEventListener("change", () => {
  if (!sheet.open) return;
  const was = open;
  open = null; // closing for a moment is not a person closing it
  sheet.close();
  open = was;
  unfold();
});
start();
