"""Market history, through the very same bytecode and client."""
