"""Recomputes every answer from an organisation's records, as docs/definitions.md says, and naively.

It shares no code with the engine, so that the two can be held against each other:

    judge     each record in log order: its verdict, and what the activities that are real give
    people    who is listed, who has left, who belongs to which group on which day
    points    what each rule awards a member, after limits
    scores    boards by window, levels of badges, streaks
    rulebook, syntax, cel, days    its own reading of rulebooks, expressions and calendars
"""

from .answers import Answers, Member, answers
from .scores import Row, Table

__all__ = ["Answers", "Member", "Row", "Table", "answers"]
