"""Who may be seen: a member who is hidden, or has left, is to everyone else as if there were none."""

from collections.abc import Callable

from schemas.words import Instant, MemberId
from streams.answers import Answers

_SEEN = {"listed": True, "hidden": False, "former": False}


def who_is_seen(answers: Answers, now: Instant) -> Callable[[MemberId], bool]:
    """Tells of a member whether boards show them; each question blocks for a round trip.

    Raises:
        UnknownError: NO_RULEBOOK.
    """
    by_default = answers.known().in_force(now).rulebook.people.visibility != "hidden"

    def is_seen(member: MemberId) -> bool:
        standing = answers.standing(member)
        return standing is not None and _SEEN.get(standing.shelf, by_default)

    return is_seen
