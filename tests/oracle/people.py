"""Who is listed, who has left, and who belonged to which group on which day."""

from collections.abc import Sequence
from datetime import date

from schemas.records import Record

from .days import local_day
from .judge import order
from .rulebook import Version


class People:
    """People's events, judged by the newest version in force."""

    def __init__(self, records: Sequence[Record], newest: Version, today: date) -> None:
        self.newest = newest
        self.today = today
        self.of: dict[str, list[Record]] = {}
        for record in sorted(records, key=order):
            self.of.setdefault(record["subject"], []).append(record)

    def listed(self, member: str) -> bool:
        """Whether a member takes part in ranks; someone with a nickname does."""
        said = [
            record["data"]["visibility"]
            for record in self.of.get(member, [])
            if record["type"] in {"member.joined", "member.visibility_changed"}
            if "visibility" in record["data"]
        ]
        return (said[-1] if said else self.newest.visibility) != "hidden"

    def former(self, member: str) -> bool:
        """Whether a member has left and not joined again."""
        steps = [
            record["type"] for record in self.of.get(member, []) if record["type"] in {"member.joined", "member.left"}
        ]
        return steps[-1:] == ["member.left"]

    def groups(self, member: str, kind: str, day: date) -> set[str]:
        """The groups of a kind that a member belonged to at the end of a day, and so on the whole of it."""
        groups: set[str] = set()
        for record in self.of.get(member, []):
            if record["data"].get("kind") != kind or local_day(record["time"], self.newest.zone) > day:
                continue
            group = str(record["data"]["group"])
            if record["type"] == "group.left":
                groups -= {group}
            elif kind in self.newest.one_at_a_time:
                groups = {group}
            else:
                groups |= {group}
        return groups

    def size(self, kind: str, group: str) -> int:
        """How many belong to a group now; who has left the organisation does not."""
        return sum(group in self.groups(member, kind, self.today) for member in self.of if not self.former(member))
