"""A process that runs one command of karmalog after another, for tests that ask hundreds of questions.

A line on standard input is the words of a command, as a JSON list. Its answer is a line on standard output, a JSON
list of exit code, standard output and standard error.
"""

import contextlib
import io
import json
import sys

from karmalog.__main__ import main


def ran(words: list[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as end:
            code = end.code
    return (code if isinstance(code, int) else 0), out.getvalue(), err.getvalue()


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(ran(json.loads(line))), flush=True)  # noqa: T201 - the parent reads it
