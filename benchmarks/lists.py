"""How long the packed event lists in a store are: chunks, of which the first digits of identities are a part."""

from dataclasses import dataclass

import redis
from pydantic_core import from_json

from engine.packing import events_in
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
            pipe.hgetall(keys.past(member))
            pipe.get(keys.member(member))
        answers = pipe.execute()
        for past, record in zip(answers[::2], answers[1::2], strict=True):
            chunks = [content for name, content in past.items() if name.startswith(b"c")]
            found.bytes += sum(map(len, chunks))
            found.events += sum(map(events_in, chunks))
            found.waiting += from_json(record.split(b"\n")[0])[2]
    return found
