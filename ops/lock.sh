#!/bin/sh
# Locks what pyproject.toml asks for, by version and hash, for every supported Python and platform at once.
set -eu
cd "$(dirname "$0")/.."

uv=$(command -v uv || command -v .venv/bin/uv) || {
    echo 'make lock: needs uv, which reads one answer for all platforms; install it (pip install uv), then run make lock again' >&2
    exit 1
}
# What pip needs to build the project itself: the build's requirements, and what hatchling asks for to install it editable.
build() {
    .venv/bin/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], "editables", sep="\n")'
}
# No header, notes or index lines: a lock names what is installed, and pip's settings say from where.
lock() {
    "$uv" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@"
}
lock pyproject.toml --output-file requirements.lock
lock pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
build | lock - --constraint requirements-dev.lock --output-file requirements-build.lock
lock --group containers --output-file requirements-containers.lock
