"""Rulebooks on their way into the log, and what intake knows of them."""

from datetime import date, timedelta
from typing import cast

import redis
from pydantic_core import from_json

from engine.calendar import Calendar
from schemas.records import Record
from schemas.rulebook import Rulebook
from schemas.words import FUTURE_MS_MAX, Instant, MemberId, OrgId
from schemas.zones import zone
from streams.catalogue import Catalogue
from streams.hashing import Hasher
from streams.keys import Keys

SOURCE = "karmalog"
"""The source of records that karmalog itself writes."""


class NoRulebookYetError(Exception):
    """Nothing can be judged: no rulebook is in force."""


class Catalogues:
    """The types of events that organisations know, by their newest rulebook in the store."""

    def __init__(self, client: "redis.Redis") -> None:
        self.client = client
        self._known: dict[OrgId, tuple[int, Catalogue]] = {}

    def refresh(self, org: OrgId) -> Catalogue:
        """The newest catalogue; blocks for a round trip.

        Raises:
            NoRulebookYetError: no rulebook was published.
        """
        count = self.client.llen(Keys(org).books)
        found = self._known.get(org)
        if found is None or found[0] != count:
            newest = cast("bytes | None", self.client.lindex(Keys(org).books, -1))
            if newest is None:
                raise NoRulebookYetError
            found = self._known[org] = (count, Catalogue.of(Rulebook.model_validate(from_json(newest)[1])))
        return found[1]

    def of(self, org: OrgId) -> Catalogue:
        """The catalogue as `refresh` left it; the built-in activities for an organisation without a rulebook."""
        found = self._known.get(org)
        if found is not None:
            return found[1]
        try:
            return self.refresh(org)
        except NoRulebookYetError:
            return Catalogue.of(None)


def published(
    rulebook: Rulebook, org: OrgId, *, version: int, now: Instant, hasher: Hasher, since: date | None = None
) -> Record:
    """The record that publishes a rulebook: in force from the local midnight of `since`, by default the next one.

    The first version (1) holds for all time before it as well.
    """
    if version > 1 and since is None:
        calendar = Calendar(zone(rulebook.calendar.timezone))
        since = date.fromordinal(calendar.day(Instant(now + FUTURE_MS_MAX))) + timedelta(days=1)
    stored = rulebook.stored()
    ident = hasher.identity(SOURCE, f"rulebook/{org}/{version}")
    return {
        "org": org,
        "id": ident,
        "source": SOURCE,
        "type": "rulebook.published",
        "subject": MemberId(SOURCE),
        "time": now,
        "recorded": now,
        "stamp": hasher.stamp("rulebook.published", SOURCE, now, stored),
        "data": {
            "version": version,
            "from": None if since is None else since.isoformat(),
            "rulebook": stored,
        },
    }
