"""What a journal refuses, and what it can't do."""

from __future__ import annotations

from macrostrike.errors import MacroStrikeError


class JournalError(MacroStrikeError):
    """The journal can't be read or written."""


class JournalUnavailable(JournalError):
    """The database did not take or give what it was asked: locked, full, gone or unreachable.

    `reason` is the database's own, without its URL.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the journal's database failed: {reason}. Nothing was sent that is not written; "
            "free the database or its disk, and start again."
        )
        self.reason = reason


class JournalVersionUnsupported(JournalError):
    """The journal was written by a later release."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"the journal has schema version {found}, this release knows up to {known}: "
            "use the release that wrote it, or a later one."
        )
        self.found = found
        self.known = known


class JournalMismatch(JournalError):
    """The journal belongs to another deployment. `field` is what differs."""

    def __init__(self, field: str, recorded: str, given: str) -> None:
        super().__init__(
            f"this journal is of {field} {recorded}, not {given}: open that deployment's journal, "
            "or start a new one with another --journal."
        )
        self.field = field
        self.recorded = recorded
        self.given = given


class ReorgTooDeep(JournalError):
    """The chain differs from the journal further back than the journal keeps block hashes."""

    def __init__(self, oldest: int, latest: int) -> None:
        super().__init__(
            f"the chain replaced every block that the journal knows, {oldest} to {latest}: "
            "this is another chain, or a reorganisation deeper than the window. Check the node; "
            "to index this chain from the start, use a new journal."
        )
        self.oldest = oldest
        self.latest = latest


class LeaseTaken(JournalError):
    """Another process holds the lease: `holder` is host, process id and start."""

    def __init__(self, name: str, holder: str, seconds: float) -> None:
        super().__init__(
            f"process {holder} holds {name} for {seconds:.0f} s more: stop it, or wait until its "
            "lease ends, which it does by itself when that process has ended."
        )
        self.name = name
        self.holder = holder
        self.seconds = seconds


class LeaseLost(JournalError):
    """Another process has taken over the lease. Nothing was written, so nothing was sent."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"another process has taken over {name}: nothing was sent. One process at a time may "
            "send with a key; end this one, or start it again when the other has ended."
        )
        self.name = name


class ChainUnsteady(JournalError):
    """The node's answers did not fit together, again and again."""

    def __init__(self, tries: int) -> None:
        super().__init__(
            f"the chain's latest blocks changed while they were read, {tries} times in a row: "
            "nothing wrong was written. Try again, or use a node that is in sync."
        )
        self.tries = tries


class NotSynced(JournalError):
    """The journal has no block of the chain yet."""

    def __init__(self) -> None:
        super().__init__("the journal knows no block: run `ape run journal sync` first.")


class RowNotFound(JournalError):
    """There is no such row."""

    def __init__(self, table: str, key: str) -> None:
        super().__init__(f"the journal has no row {key} in {table}.")
        self.table = table
        self.key = key


class NotProven(JournalError):
    """A node's answer does not fit the hash that it must have. `what` says which."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: no proof can be made of it. Ask another node.")
        self.what = what
