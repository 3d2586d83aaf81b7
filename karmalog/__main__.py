"""The command `karmalog`: exit 0 good, 1 something is wrong, 64 mistyped; no traceback reaches a user."""

import sys
from typing import NoReturn

import typer

from karmalog import ask, bring, fairness, karma, keys, rewards, rules, run, tell, texts
from schemas.failures import Refused, Unavailable

EXIT_WRONG = 1
EXIT_MISTYPED = 64
_TYPER_MISTYPED = 2

app = typer.Typer(
    name="karmalog",
    help="Keeps leaderboards, badges and karma for a learning culture, from one log of events.",
    epilog=(
        "A command works on a server (--url or KARMALOG_URL, with KARMALOG_KEY), on a data folder (--data or "
        "KARMALOG_DATA), or on Kafka and Redis (KARMALOG_KAFKA, KARMALOG_REDIS). It exits with 0 where all is good, "
        "1 where something is wrong, 64 where it was mistyped."
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for part in (run, rules, bring, ask, karma, rewards, fairness, keys, texts):
    part.add_to(app)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs a command and ends the process with its exit code."""
    try:
        app(arguments)
    except SystemExit as end:
        sys.exit(EXIT_MISTYPED if end.code == _TYPER_MISTYPED else end.code)
    except (Refused, Unavailable) as error:
        tell.wrong(str(error))
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; nothing is left to say
    sys.exit(EXIT_WRONG)


if __name__ == "__main__":
    main()
