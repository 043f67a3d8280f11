"""What an attacker with a key, a token or a pool can, and can't, do."""
