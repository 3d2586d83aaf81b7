#!/bin/sh
# Makes .venv from the hash-locked requirements, once; does nothing until something it depends on changes.
set -eu
cd "$(dirname "$0")/.."

# The folder is part of the stamp: a copied .venv would run the code of the place it was copied from.
stamp="$(cat requirements-dev.lock requirements-build.lock pyproject.toml ops/setup.sh | cksum) $PWD"
if [ "$(cat .venv/ready 2>/dev/null)" = "$stamp" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

stop() {
    printf 'make setup: %s\n' "$@" >&2
    exit 1
}

# PYTHON, where given, is taken at its word; otherwise the first that fits. A name on PATH proves nothing
# (version managers leave shims for what is not chosen), so each is asked.
fits='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
python=
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
    if "$candidate" -c "$fits" 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || stop "no Python 3.11, 3.12 or 3.13 among: ${PYTHON:-python3 python3.13 python3.12 python3.11}" \
    "install one (Debian: apt-get install python3 python3-venv; macOS: brew install python@3.12), or name it: make setup PYTHON=/path/to/python3.12"

# Debian ships venv without its other half, in a package of its own.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    package=python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "make setup: installing $package"
        { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy "$package"; } </dev/null >/dev/null ||
            stop "apt-get could not install $package; install it, then run make setup again"
    else
        stop "$python cannot make environments (no ensurepip)" "install it (Debian, Ubuntu: sudo apt-get install $package), then run make setup again"
    fi
fi

echo "make setup: .venv with $("$python" --version), a minute or two"
"$python" -m venv --clear .venv
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }
pip install --quiet --require-hashes -r requirements-dev.lock -r requirements-build.lock ||
    stop "the locked requirements could not be installed (pip says why, above)" \
        "needed: a way to a package index (pip's usual settings apply), and where no wheel fits this platform (pip then builds from source) a C compiler"
# Editable, not a wheel: what is edited is what runs, and set-up need not follow every change of a source file.
# Without isolation: the build's own tools come from the lock as well.
pip install --quiet --no-deps --no-build-isolation --no-index --editable . ||
    stop "karmalog itself could not be installed into .venv (pip says why, above)"

printf '%s\n' "$stamp" >.venv/ready
echo "make setup: done; the command is .venv/bin/karmalog"
