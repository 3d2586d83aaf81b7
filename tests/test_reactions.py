"""What is said aloud: nothing of members whom boards do not show."""

from pathlib import Path

from schemas.words import MemberId, OrgId
from streams.clock import SystemClock
from streams.reactions import Seen
from tests.api_server import review, rulebook, served

BOOK = """
apiVersion: karmalog/v1
kind: Rulebook
boards: {reviews: {score: {count: code_review.given}}}
"""


async def test_only_of_members_whom_boards_show_anything_is_said(tmp_path: Path) -> None:
    async with served(tmp_path, book=rulebook(BOOK)) as server:
        hide = {"type": "member.visibility_changed", "data": {"visibility": "hidden"}}
        await server.post(*(review(member) for member in ("ann", "bob", "cem")), review("bob", **hide))
        await server.post(review("cem", type="member.left", data={}))
        seen, org = Seen(server.runtime.redis, SystemClock()), OrgId("acme")
        shown = {member: seen(org, MemberId(member)) for member in ("ann", "bob", "cem", "dee")}
        assert shown == {"ann": True, "bob": False, "cem": False, "dee": False}
        assert not seen(OrgId("nobody"), MemberId("ann"))
