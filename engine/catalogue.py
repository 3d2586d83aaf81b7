"""Numbers for the ids of rules, boards, badges and sources: what is packed names them by number, for ever."""

from collections.abc import Iterable, Sequence

from engine.layout import Layout


class Catalogue:
    """Ids in the order in which they first appeared; a number never changes its meaning."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = list(names)
        self.layout = Layout()
        self.tallies: dict[int, Layout] = {}
        """The places in what is kept per value, by number of the badge."""
        self.meets = False
        """Whether any version asks for different values."""
        self._shown: dict[int, str] = {}
        self._sources: dict[str, int] = {}
        self._numbers = {name: number for number, name in enumerate(self.names)}

    def number(self, name: str) -> int:
        """The number of a name such as `rule:review` or `source:/git`; a new name gets the next one."""
        found = self._numbers.get(name)
        if found is None:
            found = self._numbers[name] = len(self.names)
            self.names.append(name)
        return found

    def named(self, kind: str, name: str, was: Sequence[str]) -> int:
        """The number of an id, or of the id that it had before; from then on that is shown under the new one."""
        full = f"{kind}:{name}"
        if full not in self._numbers:
            old = next((self._numbers[each] for before in was if (each := f"{kind}:{before}") in self._numbers), None)
            if old is not None:
                self._numbers[full] = old
        number = self.number(full)
        if self.names[number] != full:
            self._shown[number] = full
        return number

    def shown(self, number: int) -> str:
        """The name of a number, as it is now."""
        return self._shown.get(number, self.names[number])

    def source(self, name: str) -> int:
        """The number of a source of events; every event asks for one."""
        found = self._sources.get(name)
        if found is None:
            found = self._sources[name] = self.number(f"source:{name}")
        return found

    def known(self, name: str) -> int | None:
        """The number of a name, if it has one."""
        return self._numbers.get(name)
