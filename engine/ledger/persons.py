"""Whom a text in a request means: a member under whatever id, a former one, a bot, a group, or nobody."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from engine.ledger.refusals import Code, RefusedRequest
from schemas.words import Instant, MemberId

ALWAYS = Instant(0)
"""Since the beginning."""


class Presence(StrEnum):
    """What an id stands for now."""

    HERE = "HERE"
    FORMER = "FORMER"
    BOT = "BOT"
    GROUP = "GROUP"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an id means, as the log has told up to now."""

    ident: MemberId
    """The one id of all that are linked."""
    presence: Presence
    since: Instant = ALWAYS
    """Since when the organisation knows the member."""
    groups: frozenset[tuple[str, str]] = frozenset()
    """The groups as (kind, group) that the member belongs to; of a group, itself."""


def spelling(ident: str) -> str:
    """Equal for ids that differ in case or in the form of their characters alone.

    Unicode keeps this for ever for texts of assigned characters ("Case Folding Stability", with NFKC).
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", ident).casefold())


def is_same(one: Person, other: Person) -> bool:
    """Whether two persons are one: linked, or written a little differently."""
    return one.ident == other.ident or spelling(one.ident) == spelling(other.ident)


def is_oneself(receiver: Person, said: str, sender: Person, called: str) -> bool:
    """Whether a sender, who is called so in the request, has named themselves."""
    return is_same(receiver, sender) or spelling(said) == spelling(called)


def check_sender(sender: Person, what: str) -> None:
    """Refuses who may not ask for anything; `what` is what members do."""
    if sender.presence is Presence.FORMER:
        raise RefusedRequest(Code.SENDER_FORMER, f"{sender.ident} has left; only members {what}")
    if sender.presence is Presence.BOT:
        raise RefusedRequest(Code.SENDER_BOT, f"{sender.ident} is a bot; only members {what}")
    if sender.presence is not Presence.HERE:
        raise RefusedRequest(Code.SENDER_UNKNOWN, f"nobody here is called {sender.ident}; only members {what}")


def check_receiver(receiver: Person, sender: Person, said: str) -> None:
    """Refuses to whom nothing can be given; `said` is the id as it was written."""
    if receiver.presence is Presence.GROUP:
        if receiver.groups & sender.groups:
            raise RefusedRequest(Code.TO_OWN_GROUP, f"you belong to {said}: name its other members one by one")
        raise RefusedRequest(Code.TO_GROUP, f"{said} is a group: name its members one by one")
    if receiver.presence is Presence.FORMER:
        raise RefusedRequest(Code.RECEIVER_FORMER, f"{said} has left")
    if receiver.presence is Presence.BOT:
        raise RefusedRequest(Code.RECEIVER_BOT, f"{said} is a bot; karma is for people")
    if receiver.presence is not Presence.HERE:
        raise RefusedRequest(Code.RECEIVER_UNKNOWN, f"nobody here is called {said}")
