"""The command serve: API and projector in one process on the embedded log."""

import typer


def add_to(app: typer.Typer) -> None:
    """Adds this command."""
