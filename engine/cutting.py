"""Where a batch ends: so that whatever stands in it is judged with what was known before it."""

from collections.abc import Sequence

from engine.batch import Item
from engine.ledger.deciding import REQUESTS
from engine.organisation import Organisation
from engine.people import GROUPS

_ALONE = frozenset({"rulebook.published", "member.linked"})
_ASKS_GROUPS = REQUESTS - {"member.joined", "member.left"}


def cut(org: Organisation, items: Sequence[Item]) -> int:
    """How many of the items make one batch.

    A rulebook stands alone, so that what follows is judged with it; so does the closing of a day, where boards or gifts
    are read then, and that somebody turns out to be another member. Events about groups are apart from others, where an
    expression asks for groups; a request does not come after one, since who belongs where is known when a batch ends.
    """
    alone = _ALONE | {"day.closed"} if org.settles or org.watches else _ALONE
    apart = GROUPS if org.asks_groups else frozenset[str]()
    begins_apart = items[0][1]["type"] in apart
    has_moved = False
    for index, (_, record) in enumerate(items):
        kind = record["type"]
        if kind in alone:
            return index or 1
        if apart and (kind in apart) is not begins_apart:
            return index
        if kind in GROUPS:
            has_moved = True
        elif has_moved and kind in _ASKS_GROUPS:
            return index
    return len(items)
