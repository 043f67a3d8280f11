"""What happened, kept off the chain: the books rebuilt from events."""

from macrostrike.journal.books import Books

__all__ = ["Books"]
