#!/bin/sh
# Finds a Python that MacroStrike runs on and hands over to setup.py.
# Candidates are tried, not just looked up: version managers leave names on the PATH that answer with an error.
set -eu
cd "$(dirname "$0")/.."
for python in ${PYTHON:-} .venv/bin/python python3.12 python3.11 python3.10 python3; do
    if "$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' >/dev/null 2>&1; then
        exec "$python" tools/setup.py
    fi
done
echo "setup: no Python 3.10, 3.11 or 3.12 found: install one, or name it: make setup PYTHON=/path/to/python3.11" >&2
exit 1
