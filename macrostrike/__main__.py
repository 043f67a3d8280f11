"""`python -m macrostrike`: the commands of the day, without Ape."""

from __future__ import annotations

from macrostrike.cli.plain import main

if __name__ == "__main__":
    main(prog_name="python -m macrostrike")
