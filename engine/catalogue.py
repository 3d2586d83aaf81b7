"""Numbers for the ids of rules, boards, badges and sources: what is packed names them by number, for ever."""

from collections.abc import Iterable, Mapping, Sequence

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
        self._stories: dict[str, dict[str, int]] = {}
        self._begun: set[str] = set()
        self._sources: dict[str, int] = {}
        self._numbers = {name: number for number, name in enumerate(self.names)}

    def number(self, name: str) -> int:
        """The number of a name such as `rule:review` or `source:/git`; a new name gets the next one."""
        found = self._numbers.get(name)
        if found is None:
            found = self._numbers[name] = len(self.names)
            self.names.append(name)
        return found

    def follow(self, section: str, ids: Mapping[str, Sequence[str]], version: int) -> dict[str, int]:
        """The numbers of the ids of a section, in the next version of a rulebook.

        One story has one number, under whatever id: an id keeps it from version to version, another one takes it over
        with `was`, and an id that was taken over and is used again begins another story.

        Args:
            section: `rule`, `board`, `badge` or `level`.
            ids: with the ids that each had before.
            version: its number, from 1.
        """
        before = self._stories.get(section, {})
        taken = {old for was in ids.values() for old in was if old in before}
        kept = {name: number for name, number in before.items() if name not in taken}
        for name, was in ids.items():
            number = next((before[old] for old in was if old in before), kept.get(name))
            kept[name] = self._begin(f"{section}:{name}", version) if number is None else number
        self._stories[section] = kept
        return kept

    def _begin(self, name: str, version: int) -> int:
        """A number for a new story."""
        named = f"{name}\0{version}" if name in self._begun else name
        self._begun.add(name)
        return self.number(named)

    def source(self, name: str) -> int:
        """The number of a source of events; every event asks for one."""
        found = self._sources.get(name)
        if found is None:
            found = self._sources[name] = self.number(f"source:{name}")
        return found
