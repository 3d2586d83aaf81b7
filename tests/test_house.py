"""What the repository promises about itself: no machine's paths, no addresses of registries, whole locks."""

import ast
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = sorted(ROOT.glob("requirements*.lock"))

# Written in pieces, so that this file does not hold what it looks for.
REGISTRIES = [
    "".join(pieces)
    for pieces in [
        ("pypi", ".org"),
        ("python", "hosted"),
        ("npm", "js."),
        ("repo1.", "maven"),
        ("repo.maven", ".apache"),
        ("deb.", "debian.org"),
        ("proxy.", "golang"),
        ("index", "-url"),
        ("find", "-links"),
    ]
]
MACHINE_PATHS = [f"/{folder}/" for folder in ("work", "root", "tmp/lab", "home/" + "runner", "Users")]
HASHED_LINE = re.compile(r"^[a-z0-9.-]+==[^ ]+( ; [^\\]+)? \\$|^    --hash=sha256:[0-9a-f]{64}( \\)?$")
COMMENTED = {".sh": "#", ".yml": "#", ".yaml": "#", ".js": "/", ".css": "/*", ".lua": "--"}
COMMENTED_NAMES = {"Makefile": "#", "Dockerfile": "#", "run": "#", ".dockerignore": "#", ".editorconfig": "#"}


def repository() -> list[Path]:
    """Every file that is, or is about to be, in the repository."""
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a clone, or no git: what belongs to the repository is not known")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    """Name and content of every file that is text; what is hostile or data on purpose is left out."""
    found = []
    for path in repository():
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(("tests/hostile/", "tests/data/")):
            try:
                found.append((name, path.read_text(encoding="utf-8")))
            except UnicodeDecodeError:
                continue
    assert found
    return found


def lines_with(needles: list[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if any(needle in line for needle in needles)
    ]


def opening(name: str, text: str) -> str:
    """The first words of a source file to its reader: its docstring or its first comment, else nothing."""
    path = Path(name)
    if path.suffix == ".py":
        return ast.get_docstring(ast.parse(text)) or ""
    mark = COMMENTED.get(path.suffix) or COMMENTED_NAMES.get(path.name)
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#!")]
    return lines[0] if mark and lines and lines[0].startswith(mark) else ""


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRIES) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert lines_with(MACHINE_PATHS) == []


def test_every_source_file_opens_with_a_sentence() -> None:
    sources = [
        (name, text)
        for name, text in texts()
        if Path(name).suffix in {".py", *COMMENTED} or Path(name).name in COMMENTED_NAMES
    ]
    silent = [name for name, text in sources if len(opening(name, text).split()) < 3]
    assert silent == []


def test_scripts_may_be_run() -> None:
    scripts = [path for path in repository() if path.suffix == ".sh" or path.parent.name == ".ci"]
    assert scripts
    assert [path.name for path in scripts if not os.access(path, os.X_OK)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_versions_and_hashes_and_no_address(lock: Path) -> None:
    lines = lock.read_text().splitlines()
    assert lines
    assert [line for line in lines if not HASHED_LINE.match(line)] == []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        assert line.endswith("\\") == following.startswith("    --hash="), f"{lock.name}: {line} has no hash"


@pytest.mark.parametrize(
    ("lock", "table"),
    [
        ("requirements.lock", "project"),
        ("requirements-dev.lock", "project"),
        ("requirements-dev.lock", "dev"),
        ("requirements-containers.lock", "containers"),
        ("requirements-build.lock", "build-system"),
    ],
)
def test_a_lock_is_what_pyproject_asks_for(lock: str, table: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = {
        "project": lambda: project["project"]["dependencies"],
        "build-system": lambda: project["build-system"]["requires"],
    }.get(table, lambda: project["dependency-groups"][table])()
    locked = [
        Requirement(line.removesuffix("\\"))
        for line in (ROOT / lock).read_text().splitlines()
        if not line.startswith(" ")
    ]
    for text in asked:
        wish = Requirement(text)
        versions = [
            next(iter(pin.specifier)).version
            for pin in locked
            if canonicalize_name(pin.name) == canonicalize_name(wish.name)
        ]
        assert any(wish.specifier.contains(version) for version in versions), f"{lock} lags: run `make lock` ({wish})"


def test_the_locks_agree_with_each_other() -> None:
    pins: dict[str, set[str]] = {}
    for lock in LOCKS:
        if lock.name != "requirements-containers.lock":  # one version for each Python, used by nothing else
            for line in lock.read_text().splitlines():
                if not line.startswith(" "):
                    name, version = line.split(" ")[0].split("==")
                    pins.setdefault(name, set()).add(version)
    assert {name: sorted(versions) for name, versions in pins.items() if len(versions) > 1} == {}
