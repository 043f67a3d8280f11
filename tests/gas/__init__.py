"""Gas of every action, exact and repeatable: `python -m tests.gas`, or `make gas`."""
