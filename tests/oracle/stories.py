"""Follows ids from version to version: one id, and with `was` several, are one story with its last name."""

from collections.abc import Iterable, Mapping
from functools import cache

from .rulebook import Version


def has_begun(newest: Version, version: Version) -> bool:
    """Whether a version is the newest in force, or one before it."""
    return version in chain(newest)


def chain(newest: Version) -> list[Version]:
    """A version and all before it, the oldest first."""
    return [*(chain(newest.before) if newest.before else ()), newest]


@cache
def name_in(newest: Version, section: str, name: str, version: Version) -> str:
    """The name that something of an earlier version has in the newest; of a later one its own."""
    versions = chain(newest)
    for following in versions[versions.index(version) + 1 :] if version in versions else ():
        name = next((new for new, old in following.was[section].items() if name in old), name)
    return name


def story_in(newest: Version, section: str, name: str, version: Version) -> str:
    """The name that something has in the newest version, be it of an earlier or of a later one."""
    earlier = [old for old in newest.named(section) if name_in(version, section, old, newest) == name]
    return earlier[0] if earlier and not has_begun(newest, version) else name_in(newest, section, name, version)


def names_of(newest: Version, section: str, name: str, version: Version) -> list[str]:
    """The ids that the story of that name has, or had, in an earlier version; mostly one, none if it is not there."""
    return [old for old in version.named(section) if name_in(newest, section, old, version) == name]


def last_named(newest: Version, section: str, versions: Iterable[Version]) -> Mapping[str, tuple[Version, str]]:
    """Every story by its name, with the newest version that names it, and how.

    Of `versions`, those that are not in force yet matter for what no other one names.
    """
    found: dict[str, tuple[Version, str]] = {}
    for version in [*reversed([each for each in versions if not has_begun(newest, each)]), *chain(newest)]:
        for old in version.named(section):
            found[name_in(newest, section, old, version)] = (version, old)
    return found


def open_at(newest: Version, badge: str, instant: int) -> bool:
    """Whether a badge can be reached at an instant, by what the version that was in force then says of it."""
    version = newest.at(instant)
    named = [version.badges[old] for old in names_of(newest, "badges", badge, version)]
    return not any(defined.closed(version.calendar.day(instant)) for defined in named)
