"""Numbers for the ids of rules, boards, badges and sources: what is packed names them by number, for ever."""

from collections.abc import Iterable

from engine.layout import Layout


class Catalogue:
    """Ids in the order in which they first appeared; a number never changes its meaning."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = list(names)
        self.layout = Layout()
        self._sources: dict[str, int] = {}
        self._numbers = {name: number for number, name in enumerate(self.names)}

    def number(self, name: str) -> int:
        """The number of a name such as `rule:review` or `source:/git`; a new name gets the next one."""
        found = self._numbers.get(name)
        if found is None:
            found = self._numbers[name] = len(self.names)
            self.names.append(name)
        return found

    def source(self, name: str) -> int:
        """The number of a source of events; every event asks for one."""
        found = self._sources.get(name)
        if found is None:
            found = self._sources[name] = self.number(f"source:{name}")
        return found

    def known(self, name: str) -> int | None:
        """The number of a name, if it has one."""
        return self._numbers.get(name)
