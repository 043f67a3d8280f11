"""The journal against itself, and against the chain: every difference, by name.

Rows are read one by one where they can't be read together, since a flipped byte may be one that no
column type can hold any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.exc import DBAPIError

from macrostrike.chain import Block, BoundContract, Transport
from macrostrike.chain.contract import balances
from macrostrike.journal import _intents, _queries, _schema, _tables
from macrostrike.journal._derive import Deriver, split_topics
from macrostrike.journal._errors import ChainUnsteady, NotSynced
from macrostrike.journal._events import arguments, event_hash
from macrostrike.journal._intents import GENESIS
from macrostrike.journal.answers import Question, answers, excess, tokens_of
from macrostrike.journal.books import Books

Row = Mapping[str, Any]
_NONCES = 130  # of an engine, up to its highest: all that can be used still, and two that can't


class Connected(Protocol):
    """What a client is to a verification."""

    @property
    def transport(self) -> Transport:
        """Its chain."""

    @property
    def diamond(self) -> str:
        """The diamond's address."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not what it must be.

    subject: a row, such as `intents 7`, or a view function, such as `getBots()[3].equity`.
    journal: what the journal says. expected: what its other rows, or the chain, say.
    """

    subject: str
    journal: str
    expected: str

    def __str__(self) -> str:
        return f"{self.subject}: the journal has {self.journal}, expected {self.expected}"


def of_rows(connection: Connection) -> list[Difference]:
    """Rows of intents and events that are not what was written."""
    return [*_intents_differ(connection), *_events_differ(connection)]


def of_derived(connection: Connection) -> tuple[list[Difference], Books]:
    """Derived rows that do not follow from the events; and the books that do."""
    deriver = Deriver(Books())
    derived = deriver.derive(_tables.event_rows(connection))
    found: list[Difference] = []
    for table, read, expected in (
        (_schema.strikes, _queries.strike, list(derived.strikes.values())),
        (_schema.arbitrages, _queries.arbitrage, derived.arbitrages),
        (_schema.equity, _queries.equity, derived.equity),
    ):
        keys = [column.name for column in table.primary_key]
        there = {_key(row, keys): row for row in _readable(connection, table, found)}
        wanted = {_key(asdict(row), keys): row for row in expected}
        for key in sorted({*there, *wanted}):
            row, want = there.get(key), wanted.get(key)
            subject = f"{table.name} {' '.join(map(str, key))}"
            if row is None or want is None:
                found.append(Difference(subject, _presence(row), _presence(want)))
            else:
                found += _narrowed(subject, read(row), want)
    return found, deriver.books


def of_chain(client: Connected, latest: Block | None, books: Books) -> list[Difference]:
    """View functions that do not answer what follows from the events, at the latest block known."""
    if latest is None:
        raise NotSynced
    transport, number = client.transport, latest.number
    if found := _narrowed(f"block {number}", latest, transport.block(number)):
        return found
    expected = answers(books, latest.timestamp) | _nonces(books)
    expected |= excess(books, balances(transport, tokens_of(books), client.diamond, number))
    results = BoundContract.diamond(transport, client.diamond).pinned(number).ask(expected)
    if transport.block(number) != latest:
        raise ChainUnsteady(1)
    for question, known in zip(expected, results, strict=True):
        found += _narrowed(_shown(question), expected[question], known)
    return found


def _intents_differ(connection: Connection) -> Iterator[Difference]:
    def check(row: Row) -> Iterator[tuple[str, Any, Any]]:
        yield "row_hash", row["row_hash"], _intents.row_hash(row)
        yield "state_hash", row["state_hash"], _intents.state_hash(row)

    seq = 0
    for subject, row, faults in _chained(connection, _schema.intents, check):
        seq += 1
        yield from faults
        if row is not None and row["seq"] != seq:
            yield Difference(subject, f"seq {row['seq']}", f"seq {seq}: a row is missing")
            seq = row["seq"]


def _events_differ(connection: Connection) -> Iterator[Difference]:
    def check(row: Row) -> Iterator[tuple[str, Any, Any]]:
        yield "row_hash", row["row_hash"], event_hash(row)
        name, args = arguments(split_topics(row["topics"]), row["data"])
        yield "name and args", (row["name"], row["args"]), (name, args)

    for _, _, faults in _chained(connection, _schema.events, check):
        yield from faults


def _chained(
    connection: Connection, table: Table, check: Callable[[Row], Iterable[tuple[str, Any, Any]]]
) -> Iterator[tuple[str, Row | None, list[Difference]]]:
    """Each row of a chain: its name, itself where it can be read, and what is wrong with it."""
    previous: bytes | None = GENESIS
    for key, row in _rows(connection, table):
        subject, faults = f"{table.name} {' '.join(map(str, key))}", []
        if isinstance(row, str):
            previous = None  # what follows can't be compared with it
            yield subject, None, [Difference(subject, row, "a row that can be read")]
            continue
        try:
            pairs = [("previous_hash", row["previous_hash"], previous), *check(row)]
        except Exception as failure:  # whatever a wrong value leads to
            pairs = [("values", repr(failure), "values that fit together")]
        for name, there, expected in pairs:
            if expected is not None and there != expected:
                faults.append(Difference(f"{subject} {name}", _text(there), _text(expected)))
        previous = row["row_hash"]
        yield subject, row, faults


def _readable(connection: Connection, table: Table, found: list[Difference]) -> Iterator[Row]:
    for key, row in _rows(connection, table):
        if isinstance(row, str):
            subject = f"{table.name} {' '.join(map(str, key))}"
            found.append(Difference(subject, row, "a row that can be read"))
        else:
            yield row


def _rows(connection: Connection, table: Table) -> Iterator[tuple[tuple[Any, ...], Row | str]]:
    """A table's rows by their keys, in order; of those that can't be read, why."""
    keys = list(table.primary_key)
    names = [column.name for column in keys]
    ordered = select(*keys).order_by(*keys)
    query = select(table).where(*(key == bindparam(f"of_{key.name}") for key in keys))
    for key in [tuple(row) for row in connection.execute(ordered)]:
        place = {f"of_{name}": value for name, value in zip(names, key, strict=True)}
        try:
            row = connection.execute(query, place).one()._asdict()
        except (DBAPIError, ValueError, KeyError, TypeError) as failure:
            yield key, f"what can't be read ({failure.__class__.__name__})"
        else:
            yield _key(row, names), row


def _key(row: Row, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _presence(row: object) -> str:
    return "no row" if row is None else "a row"


def _nonces(books: Books) -> dict[Question, bool]:
    expected: dict[Question, bool] = {}
    for address, engine in books.engines.items():
        highest = engine.view().highest_nonce
        for nonce in range(max(highest - _NONCES, 0), highest + 2):
            expected["isNonceUsed", address, nonce] = engine.is_used(nonce)
    return expected


def _narrowed(subject: str, journal: Any, expected: Any) -> list[Difference]:
    """The parts in which two values differ."""
    if journal == expected:
        return []
    if is_dataclass(journal) and type(journal) is type(expected):
        pairs = [
            (f"{subject}.{each.name}", getattr(journal, each.name), getattr(expected, each.name))
            for each in fields(journal)
        ]
    elif isinstance(journal, tuple) and isinstance(expected, tuple):
        if len(journal) != len(expected):
            sizes = f"{len(journal)} entries", f"{len(expected)} entries"
            return [Difference(subject, *sizes)]
        pairs = [
            (f"{subject}[{place}]", *both)
            for place, both in enumerate(zip(journal, expected, strict=True))
        ]
    else:
        return [Difference(subject, _text(journal), _text(expected))]
    return [found for pair in pairs for found in _narrowed(*pair)]


def _shown(question: Question) -> str:
    name, *args = question
    return f"{name}({', '.join(str(arg) for arg in args)})"


def _text(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
