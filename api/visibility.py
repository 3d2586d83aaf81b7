"""Who may be seen: a member who is hidden, or has left, is to everyone else as if there were none."""

from collections.abc import Iterable

from schemas.words import Instant, MemberId
from streams.answers import Answers

_SEEN = {"listed": True, "hidden": False, "former": False}


def seen(answers: Answers, members: Iterable[MemberId], now: Instant) -> set[MemberId]:
    """Those of `members` who are shown on boards; blocks for a round trip each.

    Raises:
        UnknownError: NO_RULEBOOK.
    """
    by_default = answers.known().in_force(now).rulebook.people.visibility != "hidden"
    found: set[MemberId] = set()
    for member in members:
        standing = answers.standing(member)
        if standing is not None and _SEEN.get(standing.shelf, by_default):
            found.add(member)
    return found
