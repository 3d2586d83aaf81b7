"""Members come into memory when somebody needs them: one need for all that are missing."""

from collections.abc import Generator, Iterable
from typing import cast

from engine.member import Kept, Member
from engine.needs import Answer, Need, NeedMembers
from engine.organisation import Organisation
from schemas.words import MemberId


def load_members(org: Organisation, wanted: Iterable[MemberId]) -> Generator[Need, Answer, None]:
    """Makes sure that these members are in memory."""
    missing = [ident for ident in dict.fromkeys(wanted) if ident not in org.members]
    if not missing:
        return
    need = NeedMembers(missing, distinct=org.catalogue.meets, tallies=org.tallies)
    kept = cast("dict[MemberId, Kept | None]", (yield need))
    for ident in missing:
        found = kept[ident]
        org.members[ident] = Member(ident, org.catalogue) if found is None else Member.load(ident, found, org.catalogue)
    org.weigh(org.members[ident] for ident in missing)
