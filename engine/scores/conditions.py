"""Under which conditions a score is moved, around the function that does it."""

from collections.abc import Callable
from typing import Any

from engine.calendar import Windows
from engine.effects import Effects
from engine.scores.plans import RoundPlan, ScorePlan

Move = Callable[[list[int], Any, int, Windows, Effects], None]
"""Moves a score in a member's sums by a value: a whole number, or the text of a distinct one.

With it come the event's time and windows, and what happened to the member so far.
"""


def conditioned(score: ScorePlan, move: Move) -> Move:
    """The function under the conditions of its score, and then whatever hangs on it."""
    if score.round is not None:
        move = _in_rounds(score, score.round, move)
    if score.opens >= 0:
        move = _after(score.opens, move)
    if score.key >= 0:
        move = _per_value(score, move)
    if score.opt_in:
        move = _for_who_joined(score.number, move)
    if score.days is not None:
        move = _on_days(*score.days, move)
    return _where_gated(score.number, move) if score.gated else move


def _where_gated(number: int, move: Move) -> Move:
    """Points move a score only where its own condition holds for the event."""

    def moved(slots: list[int], value: Any, time: int, windows: Windows, effects: Effects) -> None:
        if any(gate == number for gate, _ in effects.values):
            move(slots, value, time, windows, effects)

    return moved


def _on_days(first: int, last: int, move: Move) -> Move:
    def moved(slots: list[int], value: Any, time: int, windows: Windows, effects: Effects) -> None:
        if first <= windows[0] <= last:
            move(slots, value, time, windows, effects)

    return moved


def _for_who_joined(number: int, move: Move) -> Move:
    def moved(slots: list[int], value: Any, time: int, windows: Windows, effects: Effects) -> None:
        if effects.standing.takes_part(number, effects.key):
            move(slots, value, time, windows, effects)

    return moved


def _per_value(score: ScorePlan, move: Move) -> Move:
    """A badge that is there once per value has a small list of sums for each; the same function moves it."""
    key, room, named = score.key, score.room, f"{score.owner}|"

    def moved(_slots: list[int], value: Any, time: int, windows: Windows, effects: Effects) -> None:
        of: int | str | None = None
        for number, text in reversed(effects.values):  # as a rule it is asked for last
            if number == key:
                of = text
                break
        if of is None:
            return
        tally, effects.value = f"{named}{of}", str(of)
        effects.tallied.add(tally)
        slots = effects.tallies.get(tally)
        if slots is None:
            slots = effects.tallies[tally] = [0] * room.size
        elif len(slots) < room.size:
            slots += [0] * (room.size - len(slots))
        move(slots, f"{of}\0{value}" if isinstance(value, str) else value, time, windows, effects)
        effects.value = ""

    return moved


def _after(opens: int, move: Move) -> Move:
    """A step of a chain: nothing counts until the step before was done."""

    def moved(slots: list[int], value: Any, time: int, windows: Windows, effects: Effects) -> None:
        opened = slots[opens]
        if opened and time >= opened:
            move(slots, value, time, windows, effects)

    return moved


def _in_rounds(score: ScorePlan, round_: RoundPlan, move: Move) -> Move:
    """A challenge that members do by themselves: whether a round is done with the event."""
    at, kind, goal, challenge = round_.at, round_.kind, round_.goal, score.number
    newest = (score.seasons or score.spans)[0].at

    def moved(slots: list[int], value: Any, time: int, windows: Windows, effects: Effects) -> None:
        move(slots, value, time, windows, effects)
        window = round_.window or windows[kind]
        reached = slots[newest + 1] if round_.window or slots[newest] == window else 0
        if slots[at] == window or reached < goal:
            return
        slots[at], slots[at + 1], slots[at + 2] = window, time + 1, slots[at + 2] + 1
        if round_.points:
            effects.won.append((challenge, round_.points))

    return moved
