"""Recomputes every answer from an organisation's records, as docs/definitions.md says, and naively.

It shares no code with the engine, so that the two can be held against each other:

    judge            each record in log order: its verdict
    moment           what the log says when it has been read to some record, by a clock
    contributions    what one activity is and gives: credited member, key, amounts, values
    people           who is listed, who has left, who is away, who belongs to which group on which day
    points, limits   what each rule awards a member, after cool-down, limits and multipliers
    shares, boards   who got what in which window, and the tables
    rounds           the same of challenges: who has done which, and what that awarded
    covering, withholding   of which groups with hidden members, or parts, what may be shown
    settling, settled_rounds, leagues   what is worked out once when a day is closed, and stays (`prizes`)
    levels, chains, streaks, tenure, collecting, by_hand    each kind of badge; `badges` has all of a member's
    stories          what is the same from one version of the rulebook to the next
    rulebook, reading, syntax, cel, days, periods           its own reading of rulebooks, expressions, calendars
"""

from .answers import Answers, Member, answers
from .badges import Reached
from .boards import Row, Table
from .streaks import Standing

__all__ = ["Answers", "Member", "Reached", "Row", "Standing", "Table", "answers"]
