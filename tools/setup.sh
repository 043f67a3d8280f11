#!/bin/sh
# Finds a Python that MacroStrike runs on and hands over to setup.py.
# Candidates are tried, not just looked up: version managers leave names on the PATH that answer with an error,
# and some systems ship Python without what a virtual environment needs.
set -eu
cd "$(dirname "$0")/.."
fits='import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info < (3, 13))'
for python in "${PYTHON:-}" .venv/bin/python python3 python3.12 python3.11 python3.10; do
    if [ -n "$python" ] && "$python" -c "$fits" >/dev/null 2>&1; then
        exec "$python" tools/setup.py
    fi
done
echo "setup: no Python 3.10, 3.11 or 3.12 with its venv module found: install one (apt install python3 python3-venv," \
    "brew install python@3.12), or name it: make setup PYTHON=/path/to/python" >&2
exit 1
