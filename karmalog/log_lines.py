"""What a process without a terminal says: one JSON object a line on standard output."""

import json
import logging
import sys
from typing import Final

from schemas.times import format_instant
from schemas.words import Instant

ANNOUNCEMENTS: Final = "karmalog.announcements"
"""The log of what members reached; its lines carry a `fact`."""


class JsonLines(logging.Formatter):
    """Formats a record as {"at", "level", "log", "message"}, with `fact` and `error` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        said: dict[str, object] = {
            "at": format_instant(Instant(int(record.created * 1000))),
            "level": record.levelname.lower(),
            "log": record.name,
            "message": record.getMessage(),
        }
        if (fact := getattr(record, "fact", None)) is not None:
            said["fact"] = fact
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def begin() -> None:
    """Sends all logs there: our own from INFO on, those of libraries from WARNING on."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for ours in ("streams", "karmalog"):
        logging.getLogger(ours).setLevel(logging.INFO)
