"""The demonstration: strikes for 25 bots on a local chain, from deployment to score."""
