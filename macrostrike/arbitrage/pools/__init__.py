"""Pools, one venue a file: what each would trade, to the unit."""
