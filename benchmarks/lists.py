"""How long the packed event lists in a store are: chunks, of which the first digits of identities are a part."""

from dataclasses import dataclass

import redis

from engine import packing
from schemas.words import MemberId, OrgId
from streams.keys import Keys

_ID_BYTES = 4
_SCAN = 1_000


@dataclass(slots=True)
class Lists:
    """All members' lists together."""

    events: int = 0
    bytes: int = 0
    waiting: int = 0  # events not yet packed, in the records of members

    @property
    def bytes_an_event(self) -> float:
        """With the head of each chunk, without identities."""
        return self.bytes / self.events - _ID_BYTES if self.events else 0.0


def event_lists(client: "redis.Redis", org: OrgId) -> Lists:
    """Reads every member's list."""
    found, keys = Lists(), Keys(org)
    members = [MemberId(name.decode()) for name in client.sscan_iter(keys.members(), count=_SCAN)]
    for start in range(0, len(members), _SCAN):
        pipe = client.pipeline(transaction=False)
        for member in members[start : start + _SCAN]:
            pipe.get(keys.chunks(member))
            pipe.get(keys.member(member))
        answers = pipe.execute()
        for chunks, record in zip(answers[::2], answers[1::2], strict=True):
            blob: bytes = chunks or b""
            found.bytes += len(blob)
            found.events += _events(blob)
            found.waiting += record.count(b"\n")
    return found


def _events(blob: bytes) -> int:
    place = events = 0
    while place < len(blob):
        size, count, _, _ = packing._HEAD.unpack_from(blob, place)  # noqa: SLF001  the head of a chunk is its layout
        place += packing._HEAD.size + size  # noqa: SLF001
        events += count
    return events
