"""Random sequences of calls by everyone, on the real bytecode, audited after each call."""
