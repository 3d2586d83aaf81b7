"""What the rulebook's format has and this version of karmalog does not work out yet: accepted, kept, and told."""

from collections.abc import Iterator

from schemas.rulebook import Rulebook
from schemas.rulebook_faults import Finding
from schemas.source import Path, dotted


def not_worked_out(rulebook: Rulebook) -> Iterator[Finding]:
    """Warnings: what is accepted and kept, but not worked out by this version of karmalog."""
    for path, said in _kept(rulebook):
        if said:
            message = f"`{dotted(path)}` is accepted and kept, but this version does not work it out yet"
            yield Finding(path, "NOT_YET", message, at_key=True, severity="warning")


def _kept(rulebook: Rulebook) -> Iterator[tuple[Path, object]]:
    yield ("karma",), rulebook.karma is not None
    yield ("karma", "fairness"), rulebook.karma is not None and rulebook.karma.fairness is not None
    yield ("shop",), rulebook.shop
    for rule_id, rule in rulebook.rules.items():
        yield ("rules", rule_id, "award", "karma"), rule.award.karma is not None
    for board_id, board in rulebook.boards.items():
        yield ("boards", board_id, "by"), board.score.kind == "best" and board.by != ("member",)
