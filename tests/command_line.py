"""A command of karmalog in this process: as fast as what it does, where starting Python would be most of the time.

It runs in a thread of its own, so that its event loop meets none of the test's.
"""

import contextlib
import io
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from karmalog.__main__ import main


class Done(NamedTuple):
    """How it ended, and what it printed."""

    code: int
    out: str
    err: str


def run(*words: str | Path, stdin: bytes = b"", cwd: Path | None = None, **settings: str) -> Done:
    """Runs a command to its end; `settings` are the only ones that it sees, without KARMALOG_."""
    out, err, codes = io.StringIO(), io.StringIO(), list[int]()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KARMALOG_")}
    given = {f"KARMALOG_{name.upper()}": value for name, value in settings.items()}
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        contextlib.chdir(cwd or Path.cwd()),
        patch.dict(os.environ, {**clean, "COLUMNS": "300", **given}, clear=True),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
    ):
        thread = threading.Thread(target=_run, args=([str(word) for word in words], codes))
        thread.start()
        thread.join()
    assert codes, f"{words} raised: {err.getvalue()}"
    return Done(codes[0], out.getvalue(), err.getvalue())


def _run(words: Sequence[str], codes: list[int]) -> None:
    try:
        main(list(words))
    except SystemExit as end:
        codes.append(int(end.code or 0))
