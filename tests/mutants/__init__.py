"""Mutants of the contracts: small changes, each of which a test must notice."""
