"""Strikes on a real node under faults and kills: `make chaos`. Lost, doubled, other than the chain:
none."""
