"""A command imports what it uses and no more: what it loads beside that, everybody waits for."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("begins", "spared"),
    [
        ("karmalog.__main__", "pydantic redis engine cel_expr_python fastapi httpx aiokafka faust rich ruamel"),
        ("karmalog.server_desk, karmalog.settings", "redis engine cel_expr_python fastapi aiokafka faust rich ruamel"),
        ("karmalog.desk, karmalog.embedded", "fastapi uvicorn httpx aiokafka faust rich"),
        ("karmalog.serving", "httpx aiokafka faust rich"),
        ("engine.plan, schemas.rulebook_text", "redis fastapi httpx aiokafka faust rich"),
    ],
)
def test_what_begins_here_does_not_load(begins: str, spared: str) -> None:
    program = f"import {begins}, sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(said.split()) & set(spared.split()) == set()
