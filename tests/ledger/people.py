"""Who people are, naively: everything that the log said of them, gone through anew whenever somebody asks."""

Group = tuple[str, str]


class People:
    """Members and the ids that are linked to them."""

    def __init__(self, bots: frozenset[str]) -> None:
        self.bots = bots
        self.known: dict[str, None] = {}  # whoever was here, or did something that counted
        self.links: dict[str, str] = {}
        self._presence: dict[str, list[tuple[int, str, bool]]] = {}  # time, id of the record, whether they left
        self._moves: dict[str, list[tuple[int, str, Group, bool]]] = {}  # likewise, whether they joined the group

    def comes_or_goes(self, name: str, time: int, ident: str, *, left: bool) -> bool:
        """Somebody joins or leaves; whether nothing that was said of it before is later."""
        self.known[name] = None
        said = self._presence.setdefault(name, [])
        said.append((time, ident, left))
        return max(said) == said[-1]

    def moves(self, name: str, time: int, ident: str, group: Group, *, joined: bool) -> None:
        """Somebody joins a group, or leaves it."""
        self.known[name] = None
        self._moves.setdefault(name, []).append((time, ident, group, joined))

    def one(self, said: str) -> str:
        """The member that an id means."""
        while said in self.links:
            said = self.links[said]
        return said

    def left(self, name: str) -> bool:
        """Whether somebody is a former member."""
        return max(self._presence.get(name, [(0, "", False)]))[-1]

    def groups(self, name: str) -> frozenset[Group]:
        """The groups that somebody belongs to."""
        if self.left(name):
            return frozenset()
        joined = {group: is_in for _, _, group, is_in in sorted(self._moves.get(name, []))}
        return frozenset(group for group, is_in in joined.items() if is_in)

    def told(self) -> dict[str, tuple[str, str, frozenset[Group]]]:
        """By id as it is written: the member, what they are, and their groups; so of groups."""
        found: dict[str, tuple[str, str, frozenset[Group]]] = {}
        for group in {group for name in self.known for group in self.groups(name)}:
            said = ":".join(group)
            found[said] = (said, "GROUP", frozenset({group}))
        for said in (*self.links, *self.known):
            name = self.one(said)
            if name in self.known:
                presence = "FORMER" if self.left(name) else "HERE"
                is_bot = {said, name} & self.bots
                found[said] = (name, "BOT", frozenset()) if is_bot else (name, presence, self.groups(name))
        return found
