"""Ten years of five events a day under the starter rulebook: what is kept of a member stays small."""

from importlib import resources
from itertools import cycle
from random import Random
from typing import Any

from engine.packing import events_in
from engine.rulebook_check import check
from schemas.records import Record
from tests.engine_driver import Engine
from tests.strategies import published, record

YEARS, A_DAY = 10, 5
DAY_MS = 86_400_000
START = 1_704_067_200_000  # 2024-01-01

RECORD_MAX = 4_096
"""The most bytes of the record, which is written with every event."""

LISTS_MAX = 12
"""The most bytes an event in the packed lists, identities apart."""

IDENTITY_BYTES = 4


def events(number: int) -> list[Record]:
    """So many events about one member, of all the types that the starter rulebook has rules for."""
    random = Random(7)
    topics, people = [f"topic-{index}" for index in range(40)], [f"member-{index}" for index in range(300)]

    def data(kind: str, serial: int) -> dict[str, Any]:
        one, other, topic = random.choice(people), random.choice(people), random.choice(topics)
        return {
            "code_review.given": {"author": one, "change": f"change-{serial}", "lines_changed": random.randrange(400)},
            "learning_time.spent": {"minutes": 5 * random.randrange(1, 24), "topic": topic},
            "microlearning.completed": {"module": f"module-{serial % 500}", "minutes": 5, "topic": topic},
            "question.answered": {"question": f"question-{serial}", "asker": one, "topic": topic},
            "mentoring.held": {"mentor": "ann", "mentee": other, "minutes": 30, "topic": topic},
            "pairing.held": {"with": other, "topic": topic},
            "talk.presented": {"topic": topic, "attendees": random.randrange(3, 60)},
            "skill.applied": {"topic": topic},
            "article.published": {"ref": f"article-{serial}", "topic": topic},
            "learning.shared": {"topic": topic},
            "course.completed": {"course": f"course-{serial % 700}", "hours": 2.5, "topic": topic},
            "thanks.given": {"to": ["ann", one]},
        }[kind]

    kinds = cycle(
        ["code_review.given"] * 8
        + ["learning_time.spent", "microlearning.completed", "question.answered"] * 3
        + ["mentoring.held", "pairing.held", "talk.presented", "skill.applied", "article.published"]
        + ["learning.shared", "course.completed", "thanks.given"]
    )
    made = []
    for serial in range(number):
        kind = next(kinds)
        time = START + serial * DAY_MS // A_DAY + random.randrange(DAY_MS // A_DAY)
        who = random.choice(people) if kind == "thanks.given" else "ann"
        made.append(record(kind, who, time, data(kind, serial), serial))
    return sorted(made, key=lambda each: each["time"])


def test_a_record_and_its_lists_stay_small_for_ten_years() -> None:
    text = resources.files("karmalog").joinpath("templates", "learning.yaml").read_text("utf-8")
    rulebook = check(text, "learning.yaml").rulebook
    assert rulebook is not None
    log = [published(1, None, rulebook.stored(), START - DAY_MS), *events(YEARS * 365 * A_DAY)]
    engine = Engine(log, 35 * DAY_MS)
    largest = 0
    while not engine.at_end:
        engine.batch(500)
        largest = max([largest, *(len(kept.record) for kept in engine.store.members.values())])
    chunks = engine.store.members["ann"].chunks.values()
    packed = sum(map(len, chunks)) / sum(map(events_in, chunks)) - IDENTITY_BYTES
    counted = sum(map(events_in, chunks))
    assert counted > YEARS * 365 * A_DAY / 2, "most of them have to count"
    assert largest <= RECORD_MAX
    assert packed <= LISTS_MAX
