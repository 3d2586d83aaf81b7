"""Answers: what the store says when asked for a board or a member, each from one round trip, at one position.

Nothing is computed here that the fold has decided: ranks are counted among the listed, what follows from time alone
(whether a streak is alive) is worked out from the moment that is handed in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import redis
from pydantic_core import from_json

from engine.calendar import ALL, KINDS, Calendar, name_of, named, windows_of
from engine.catalogue import Catalogue
from engine.compiling import compile_plan
from engine.layout import Layout
from engine.plan import Plan
from engine.standing import Standing
from engine.totals import Totals
from schemas.answers import Badge, BoardAnswer, BoardInfo, BoardsAnswer, GroupRow, MemberAnswer, MemberRow, Streak
from schemas.failures import Refused
from schemas.rulebook import Rulebook
from schemas.times import format_instant
from schemas.words import Instant, MemberId, OrgId
from streams.keys import Keys


class UnknownError(Refused):
    """What was asked for does not exist; `code` is stable, the message names what does."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(slots=True)
class Known:
    """What answers need of an organisation beside scores; read again only when it changed."""

    catalogue: Catalogue
    layout: Layout
    plans: list[Plan]
    rosters: dict[tuple[str, str], int]
    outcomes: dict[str, int]
    runs: dict[str, dict[str, int]]
    failures: dict[int, int]
    clock: Instant
    closed_day: int
    position: int

    @property
    def plan(self) -> Plan:
        """The newest version of the rulebook."""
        return self.plans[-1]

    @property
    def groups(self) -> list[str]:
        """The kinds of group of any version."""
        return sorted({kind for plan in self.plans for kind in plan.rulebook.groups})

    def in_force(self, now: Instant) -> Plan:
        """The newest version that is in force at a moment."""
        return next((plan for plan in reversed(self.plans) if plan.since is None or plan.since <= now), self.plans[0])


class Answers:
    """Reads one organisation's projections."""

    def __init__(self, client: "redis.Redis", org: OrgId) -> None:
        self.client = client
        self.keys = Keys(org)
        self._plans: tuple[int, list[Plan], Catalogue] | None = None

    def known(self) -> Known:
        """The organisation's state at its newest position.

        Raises:
            UnknownError: NO_RULEBOOK, where nothing was folded yet.
        """
        pipe = self.client.pipeline(transaction=True)
        pipe.hget(self.keys.checkpoint, "position")
        pipe.get(self.keys.state)
        pipe.llen(self.keys.books)
        position, state, books = pipe.execute()
        if state is None or not books:
            raise UnknownError(
                "NO_RULEBOOK",
                "no rulebook is published yet, so there is nothing to show: karmalog rules apply FILE",
            )
        raw = from_json(state)
        catalogue = Catalogue(raw["catalogue"])
        plans, layout = self._compiled(books, catalogue)
        return Known(
            catalogue,
            layout,
            plans,
            {(kind, group): count for kind, group, count in raw["rosters"]},
            raw["outcomes"],
            raw["runs"],
            {int(number): count for number, count in raw["failures"].items()},
            Instant(raw["clock"]),
            raw["closed_day"],
            int(position or 0),
        )

    def _compiled(self, books: int, catalogue: Catalogue) -> tuple[list[Plan], Layout]:
        if self._plans is None or self._plans[0] != books:
            plans = []
            for version, blob in enumerate(cast("list[bytes]", self.client.lrange(self.keys.books, 0, -1)), 1):
                since, book = from_json(blob)
                plans.append(compile_plan(Rulebook.model_validate(book), version, since, catalogue))
            self._plans = (len(plans), plans, catalogue)
        return self._plans[1], self._plans[2].layout

    # Boards.

    def boards(self, now: Instant) -> BoardsAnswer:
        """The boards of the newest rulebook."""
        known = self.known()
        book = known.plan.rulebook
        found: list[BoardInfo] = []
        for name, board in book.boards.items():
            number = known.catalogue.known(f"board:{name}")
            found.append(
                {
                    "board": name,
                    "title": board.title if board.title is not None else name,
                    "windows": [kind.value for kind in board.windows],
                    "by": list(board.by),
                    "top": board.top,
                    "scale": 0 if number is None else known.plan.scores[number].scale,
                }
            )
        _ = now
        return {"boards": found, "position": known.position, "rulebook": known.plan.version}

    def windows(self, board: str) -> list[str]:
        """The windows of a board that have scores, oldest first within each kind."""
        known = self.known()
        number = self._number(known, board)
        names = cast("set[bytes]", self.client.smembers(self.keys.windows(number)))
        pairs = sorted((int(kind), int(window)) for kind, window in (name.split(b":") for name in names))
        return [name_of(kind, window) for kind, window in pairs]

    def board(
        self,
        board: str,
        *,
        now: Instant,
        window: str | None = None,
        by: str = "member",
        top: int | None = None,
        around: MemberId | None = None,
        operator: bool = False,
    ) -> BoardAnswer:
        """One window of a board.

        `top`: the first N rows, by default as many as the rulebook says; `around`: also the two rows ahead of a
        member and their own; `operator`: hidden members are shown, unranked.

        Raises:
            UnknownError: UNKNOWN_BOARD, UNKNOWN_WINDOW, UNKNOWN_GROUP_KIND, UNKNOWN_MEMBER, NO_RULEBOOK.
        """
        known = self.known()
        number = self._number(known, board)
        plan = known.in_force(now)
        said = known.plan.rulebook.boards.get(board) or plan.rulebook.boards[board]
        kind, wanted = _window(said.windows, plan.calendar, now, window, board)
        rows = min(TOP_MAX, said.top if top is None else max(0, top))
        scale = known.plan.scores[number].scale if number in known.plan.scores else 0
        answer: BoardAnswer = {
            "board": board,
            "window": name_of(kind, wanted),
            "by": by,
            "total": 0,
            "position": known.position,
            "rulebook": known.plan.version,
            "rows": [],
            "clock": format_instant(known.clock) if known.clock else None,
        }
        if by != "member":
            if by not in said.by:
                raise UnknownError(
                    "UNKNOWN_GROUP_KIND", f"board {board!r} is kept by {', '.join(said.by)}, not by {by!r}"
                )
            return self._groups(known, answer, (number, kind, wanted, by), scale, rows)
        return self._members(answer, (number, kind, wanted), scale, rows, around, plan, operator=operator)

    def _number(self, known: Known, board: str) -> int:
        number = known.catalogue.known(f"board:{board}")
        if number is None:
            names = ", ".join(sorted(known.plan.rulebook.boards)) or "none"
            raise UnknownError("UNKNOWN_BOARD", f"no board is called {board!r}; there are: {names}")
        return number

    def _members(
        self,
        answer: BoardAnswer,
        place: tuple[int, int, int],
        scale: int,
        top: int,
        around: MemberId | None,
        plan: Plan,
        *,
        operator: bool,
    ) -> BoardAnswer:
        shown = ["listed"] + (["open"] if plan.rulebook.people.visibility != "hidden" else [])
        hidden = [shelf for shelf in ("open", "hidden") if shelf not in shown] if operator else []
        keys = {shelf: self.keys.board(*place, shelf) for shelf in (*shown, *hidden)}
        pipe = self.client.pipeline(transaction=True)
        pipe.hget(self.keys.checkpoint, "position")
        for key in keys.values():
            pipe.zrange(key, 0, max(0, top - 1), withscores=True)
            pipe.zcard(key)
        if around is not None:
            for shelf in shown:
                pipe.zscore(keys[shelf], around)
        position, *found = pipe.execute()
        answer["position"] = int(position or 0)
        cards = dict(zip(keys, found[1 : 2 * len(keys) : 2], strict=True))
        answer["total"] = sum(cards[shelf] for shelf in shown)
        ranked: list[tuple[int, str, bool]] = sorted(
            (round(score), member.decode(), shelf in shown)
            for shelf, rows in zip(keys, found[0 : 2 * len(keys) : 2], strict=True)
            for member, score in rows
        )
        rows = list(_ranked(ranked[:top] if top else [], scale))
        if around is not None:
            mine = next((score for score in found[2 * len(keys) :] if score is not None), None)
            if mine is not None and all(row["member"] != around for row in rows):
                rows += self._around([keys[shelf] for shelf in shown], around, round(mine), scale, rows)
        names = self.client.hmget(self.keys.names(), [row["member"] for row in rows]) if rows else []
        for row, name in zip(rows, names, strict=False):
            if name is not None:
                row["name"] = _text(name)
        answer["rows"] = rows
        return answer

    def _around(
        self, keys: list[str], member: MemberId, score: int, scale: int, above: list[MemberRow]
    ) -> Iterator[MemberRow]:
        """The two listed members ahead of one, and their own row; nobody behind."""
        pipe = self.client.pipeline(transaction=True)
        for key in keys:
            pipe.zcount(key, "-inf", f"({score}")
            pipe.zrevrangebyscore(key, f"({score}", "-inf", start=0, num=2, withscores=True)
        found = pipe.execute()
        better = sum(found[::2])
        ahead = sorted((round(value), name.decode()) for rows in found[1::2] for name, value in rows)[-2:]
        seen = {row["member"] for row in above}
        for value, name in ahead:
            if name in seen:
                continue
            pipe = self.client.pipeline(transaction=True)
            for key in keys:
                pipe.zcount(key, "-inf", f"({value}")
            yield {"rank": 1 + sum(pipe.execute()), "member": name, "score": _number(-value, scale)}
        yield {"rank": 1 + better, "member": member, "score": _number(-score, scale)}

    def _groups(
        self, known: Known, answer: BoardAnswer, place: tuple[int, int, int, str], scale: int, top: int
    ) -> BoardAnswer:
        """Groups that are too small are not shown, and not ranked."""
        pipe = self.client.pipeline(transaction=True)
        pipe.hget(self.keys.checkpoint, "position")
        pipe.zrange(self.keys.group_board(*place), 0, -1, withscores=True)
        position, found = pipe.execute()
        answer["position"] = int(position or 0)
        smallest = known.plan.rulebook.people.smallest_group
        kept = [
            (round(score), group.decode(), known.rosters.get((place[3], group.decode()), 0)) for group, score in found
        ]
        kept = [row for row in kept if row[2] >= smallest]
        rows: list[GroupRow] = []
        for index, (score, group, members) in enumerate(kept):
            same = index > 0 and kept[index - 1][0] == score
            rank = rows[-1]["rank"] if same else index + 1
            rows.append({"rank": rank, "group": group, "score": _number(-score, scale), "members": members})
        answer["total"] = len(rows)
        answer["rows"] = rows[:top]
        return answer

    # Members.

    def member(self, member: MemberId, *, now: Instant) -> MemberAnswer:
        """Points, badges and streaks of a member.

        Raises:
            UnknownError: UNKNOWN_MEMBER, NO_RULEBOOK.
        """
        known = self.known()
        record = cast("bytes | None", self.client.get(self.keys.member(member)))
        if record is None:
            raise UnknownError("UNKNOWN_MEMBER", f"no event was ever counted for {member!r}")
        totals = Totals.load(from_json(record.split(b"\n", 1)[0])[0], known.layout)
        return _member(known, member, totals, now)

    def standing(self, member: MemberId) -> Standing | None:
        """How a member stands with the organisation; None for one who is unknown."""
        record = cast("bytes | None", self.client.get(self.keys.member(member)))
        return None if record is None else Standing.load(from_json(record.split(b"\n", 1)[0])[1])

    def members(self) -> Iterable[MemberId]:
        """Every member who has a record, in no order."""
        for name in self.client.sscan_iter(self.keys.members(), count=1_000):
            yield MemberId(cast("bytes", name).decode())


def _member(known: Known, member: MemberId, totals: Totals, now: Instant) -> MemberAnswer:
    names = known.catalogue.names
    badges: list[Badge] = []
    for number, reached in totals.levels.items():
        badge = names[number].split(":", 1)[1]
        badges += [
            {"badge": badge, "level": level or None, "at": format_instant(Instant(at))} for level, at in reached.items()
        ]
    order = {
        (names[score.number].split(":", 1)[1], step.level): index
        for score in known.plan.scores.values()
        for index, step in enumerate(score.levels)
    }
    badges.sort(key=lambda each: (each["at"], each["badge"], order.get((each["badge"], each["level"] or ""), 0)))
    plan = known.in_force(now)
    today = plan.calendar.windows(plan.calendar.day(now))
    streaks: dict[str, Streak] = {}
    for number, (last, run, longest) in totals.streaks.items():
        score = next((each.scores[number] for each in reversed(known.plans) if number in each.scores), None)
        if score is not None and score.streak is not None:
            alive = last >= today[score.streak.period] - 1
            streaks[names[number].split(":", 1)[1]] = {"current": run if alive else 0, "longest": longest}
    points = {names[number].split(":", 1)[1]: total for number, total in totals.points.items()}
    return {
        "member": member,
        "points": dict(sorted(points.items())),
        "badges": badges,
        "streaks": dict(sorted(streaks.items())),
        "karma": {"to_give": 0, "earned": 0, "owed": 0},
    }


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name


def _ranked(rows: list[tuple[int, str, bool]], scale: int) -> Iterator[MemberRow]:
    """Ranks rows that run from the best: ties share one, the hidden have none."""
    listed, rank, last = 0, 0, None
    for score, member, shown in rows:
        if not shown:
            yield {"rank": None, "member": member, "score": _number(-score, scale)}
            continue
        listed += 1
        if score != last:
            rank, last = listed, score
        yield {"rank": rank, "member": member, "score": _number(-score, scale)}


def _number(score: int, scale: int) -> int | float:
    """A score in its own unit; whole numbers stay whole."""
    if scale == 0:
        return score
    unit: int = 10**scale
    whole, rest = divmod(score, unit)
    return whole if rest == 0 else score / unit


def _window(windows: Iterable[Any], calendar: Calendar, now: Instant, text: str | None, board: str) -> tuple[int, int]:
    kinds = [KINDS.index(kind.value) for kind in windows]
    today = calendar.day(now)
    if text is None:
        kind = ALL if ALL in kinds else max(kinds)
        return kind, windows_of(today)[kind]
    found = named(text, today)
    if found is None:
        raise UnknownError(
            "UNKNOWN_WINDOW",
            f"{text!r} names no window; write all, 2024, 2024-Q2, 2024-05, 2024-W10, 2024-05-31, week or last-week",
        )
    if found[0] not in kinds:
        raise UnknownError(
            "UNKNOWN_WINDOW",
            f"board {board!r} is kept by {', '.join(KINDS[kind] for kind in kinds)}; {text!r} is a {KINDS[found[0]]}",
        )
    return found
