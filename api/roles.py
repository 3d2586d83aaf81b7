"""What a key is good for, and whom it speaks for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from schemas.failures import Refused
from schemas.members import member_id_fault
from schemas.words import MemberId


class Role(StrEnum):
    """What a key is good for."""

    OPERATOR = "operator"  # everything: sees hidden members, publishes people's events and rulebooks
    PUBLISHER = "publisher"  # publishes activities, and sees nothing
    VIEWER = "viewer"  # sees what everyone may see
    MEMBER = "member"  # sees that, and all of their own record


class RefusedKey(Refused, ValueError):
    """A key or a role cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a key speaks for; only a member's has a `member`."""

    role: Role
    member: MemberId | None = None

    @classmethod
    def named(cls, text: str) -> Self:
        """The caller that `operator`, `publisher`, `viewer` or `member:ID` names.

        Raises:
            RefusedKey: it names none.
        """
        role, _, member = text.partition(":")
        if role == Role.MEMBER and member_id_fault(member) is None:
            return cls(Role.MEMBER, MemberId(member))
        if role in {Role.OPERATOR, Role.PUBLISHER, Role.VIEWER} and not member:
            return cls(Role(role))
        raise RefusedKey(f"{text!r} names no role; write operator, publisher, viewer or member:ID")

    def __str__(self) -> str:
        return self.role if self.member is None else f"{self.role}:{self.member}"

    @property
    def sees_everyone(self) -> bool:
        """Whether hidden members are shown."""
        return self.role is Role.OPERATOR
