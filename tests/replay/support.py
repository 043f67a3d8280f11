"""What a replay left on its chain, by the events alone."""

from __future__ import annotations

from macrostrike.journal import Books
from macrostrike.replay import Stage


def books_of(stage: Stage) -> Books:
    """The diamond's books, rebuilt from its events."""
    transport, diamond = stage.transport, stage.world.diamond
    logs, books = transport.logs(diamond), Books()
    blocks = transport.blocks(sorted({log.block_number for log in logs}))
    times = {block.number: block.timestamp for block in blocks}
    books.apply_logs(logs, times.__getitem__)
    return books
