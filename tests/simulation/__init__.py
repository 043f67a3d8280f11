"""Executor, journal and client in virtual time: all of a run follows from its seed.

`python -m tests.simulation --seeds 500` plays so many; a failure is a seed, to be played again by
`--first SEED --seeds 1`.
"""
