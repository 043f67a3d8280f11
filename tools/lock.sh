#!/bin/sh
# Rewrites the Python locks from pyproject.toml: every version pinned and hashed, no registry named.
# For npm: edit package.json, then `npm install --package-lock-only`.
set -eu
cd "$(dirname "$0")/.."
lock() {
    .venv/bin/uv pip compile --quiet --universal --python-version "${since:-3.10}" --fork-strategy fewest \
        --generate-hashes --no-emit-index-url --no-annotate --no-header "$@"
}
# The plugin is a part of this repository, and is installed from there.
lock pyproject.toml --extra dev --no-emit-package ape-diamond --output-file requirements.lock
# What has to be there before the lock can be installed. setuptools builds the few packages that ship no wheel.
grep -E '^(setuptools|uv)==' requirements.lock | sed 's/[ \\]*$//' |
    lock - --no-deps --output-file requirements-bootstrap.lock
# The prover asks for Python 3.11.
since=3.11 lock tests/prove/requirements.in --output-file tests/prove/requirements.lock
