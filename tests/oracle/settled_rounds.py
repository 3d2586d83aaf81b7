"""What a round of a challenge awards when it is settled: for a goal that all reached together, and by rank."""

from collections.abc import Iterator, Mapping
from datetime import date

from .boards import combined, group_scores, members_ranked, rank
from .covering import covering_kind, covers
from .moment import Moment
from .people import People
from .rounds import Round, round_of
from .rulebook import Challenge
from .withholding import shown

EVERYONE = "everyone"


def awards_for(challenge: str, day: date, moment: Moment) -> Iterator[tuple[str, int]]:
    """The members who get something for the round that ends with a day, with the points; one may get several."""
    defined = moment.newest.challenges[challenge]
    name, _ = round_of(defined, day, moment.newest.calendar)
    round_ = moment.rounds.get((challenge, name))
    if round_ is None:
        return
    for member in sorted(taking(round_, moment.people)):
        groups = moment.people.of(member).groups(defined.owner, day)
        if defined.reward and reached(defined, groups, public(round_, moment.people)):
            yield member, defined.reward
        if points := by_rank(defined, member, groups, round_, moment.people):
            yield member, points


def taking(round_: Round, people: People) -> set[str]:
    """Those who have a score other than zero in a round, and have not left."""
    window = round_.by("member", people)
    return {member for member, got in window.got.items() if combined(window, got) != 0 and not people.of(member).former}


def public(round_: Round, people: People) -> Mapping[str, int]:
    """The scores that everyone may see of groups, or of everyone; without those of zero. Members have rows instead."""
    owner = round_.defined.owner
    if owner == "member":
        return {}
    if owner != EVERYONE:
        return group_scores(round_.by(owner, people), people, public=True)
    score = of_everyone(round_, people)
    return {EVERYONE: score} if score else {}


def of_everyone(round_: Round, people: People) -> int:
    """What listed members have, and for groups that cover them hidden members."""
    window = round_.by("member", people)
    listed = {member: got[member] for member, got in window.got.items() if people.of(member).listed}
    score = combined(window, listed)
    kind = covering_kind(people.versions)
    if kind is not None:
        by_group = round_.by(kind, people)
        for group, got in by_group.got.items():
            if (kind, group) in shown(people) and covers(kind, group, round_.days[0], people):
                score += combined(by_group, {name: got[name] for name in got if not people.of(name).listed})
    return score


def reached(defined: Challenge, groups: set[str], scores: Mapping[str, int]) -> bool:
    """Whether everyone, or one of a member's groups, has reached the goal; members reach theirs by themselves."""
    if defined.needed is None:
        return False
    return any(scores[owner] >= defined.needed for owner in {*groups, EVERYONE} if owner in scores)


def by_rank(defined: Challenge, member: str, groups: set[str], round_: Round, people: People) -> int:
    """What a member's rank is worth, or that of the one of their groups for which there is most."""
    if defined.owner == "member":
        rows = members_ranked(round_.by("member", people), people).rows
        ranks = [row[0] for row in rows if row[1] == member]
    else:
        scores = public(round_, people)
        window = round_.by(defined.owner, people)
        ranks = [rank(scores[group], list(scores.values()), window) for group in groups if group in scores]
    worth = [defined.by_rank[place - 1] for place in ranks if place is not None and place <= len(defined.by_rank)]
    return max(worth, default=0)
