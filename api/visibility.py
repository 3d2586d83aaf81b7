"""Who may be seen: a member who is hidden, or has left, is to everyone else as if there were none."""

from collections.abc import Callable

from schemas.words import Instant, MemberId
from streams.answers import Answers
from streams.members import is_seen


def who_is_seen(answers: Answers, now: Instant) -> Callable[[MemberId], bool]:
    """Tells of a member whether boards show them; each question blocks for a round trip.

    Raises:
        UnknownError: NO_RULEBOOK.
    """
    versions = answers.known().versions

    def seen(member: MemberId) -> bool:
        standing = answers.standing(member)
        return standing is not None and is_seen(standing, versions, now)

    return seen
