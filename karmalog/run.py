"""Commands that run: demo, init, serve, intake, worker, api, topics create."""

import typer

from karmalog import run_demo, run_init, run_serve, run_split


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    for part in (run_demo, run_init, run_serve, run_split):
        part.add_to(app)
