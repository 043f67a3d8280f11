"""Base classes of everything that is generated, and the groups that callers catch errors by.

The generator (`tools.codegen`) gives a generated class the base that is named after it, if there is
one here: `Signal` derives from `SignalBase`, and the record of a strike from `StrikeRecordBase`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import Enum, IntEnum
from html import escape
from keyword import iskeyword
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

if TYPE_CHECKING:
    from typing_extensions import Self

# Errors.


class MacroStrikeError(Exception):
    """The root: catching it catches all that this package raises on purpose."""


CONTRACT_ERRORS: dict[str, type[ContractError]] = {}
"""The class of each custom error, by the error's name in the ABI."""


@dataclass(eq=False)
class ContractError(MacroStrikeError):
    """A contract reverted. The fields are the error's own, in the order of the ABI.

    Addresses are checksummed strings, amounts are integers in the unit that the message names.
    """

    message: ClassVar[str] = ""
    """The fact, with the fields in braces, and what to do."""

    def __init_subclass__(cls, *, abi_name: str | None = "") -> None:
        """`abi_name` is by default the class's name; None for what no contract declares."""
        if abi_name is not None:
            CONTRACT_ERRORS[abi_name or cls.__name__] = cls
            cls.__module__ = "macrostrike.errors"  # as tracebacks and documents name it

    @property
    def cause(self) -> ContractError | None:
        """Of an error that hands on another contract's `reason`: that one, decoded."""
        return vars(self).get("_cause")

    @property
    def named(self) -> str:
        """As a cause in another error's message."""
        return f"{type(self).__name__}: {self}"

    def __str__(self) -> str:
        values = {field.name: shown(getattr(self, field.name)) for field in fields(self)}
        if self.cause is not None:
            values["reason"] = self.cause.named
        return self.message.format(**values)


class GateError(ContractError, abi_name=None):
    """A gate refused: nothing was traded, and no nonce was used."""


class AccessError(ContractError, abi_name=None):
    """The caller may not do this."""


class CutError(ContractError, abi_name=None):
    """The diamond refused a cut."""


class TreasuryError(ContractError, abi_name=None):
    """Capital could not be moved."""


class ConfigError(ContractError, abi_name=None):
    """A setting of the fleet, a market, a pool or a role was refused."""


class SwapError(ContractError, abi_name=None):
    """A pool or token did not trade as it must."""


def caused_by(error: ContractError, cause: ContractError) -> ContractError:
    """The error, with its cause: for what decodes reverts."""
    vars(error)["_cause"] = cause
    return error


def shown(value: object) -> object:
    """As messages have it: bytes in hex."""
    return "0x" + value.hex() if isinstance(value, bytes) else value


# Enums.


class Named(IntEnum):
    """An enum whose members print as the contracts write them: `StrongLong`."""

    def __str__(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("_"))


class SignalBase(Named):
    @property
    def is_long(self) -> bool:
        return self.name.endswith("LONG")

    @property
    def is_strong(self) -> bool:
        return self.name.startswith("STRONG")


class DueBase(Named):
    @property
    def is_due(self) -> bool:
        """Whether anyone may settle the strike."""
        return self.name in ("TAKE_PROFIT", "STOP_LOSS", "HORIZON")


# What a field may hold: annotations that `macrostrike.types` checks values by.


@dataclass(frozen=True, slots=True)
class Range:
    """Integers from `min` to `max`."""

    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Length:
    """From `min` to `max` items."""

    min: int
    max: int

    def __str__(self) -> str:
        return str(self.min) if self.min == self.max else f"{self.min} to {self.max}"


Address = Annotated[str, "address"]


# Structs and events.


class Shown:
    """What notebooks and JSON show of a dataclass."""

    __slots__ = ()

    def to_dict(
        self, *, quote_decimals: int | None = None, base_decimals: int | None = None
    ) -> dict[str, Any]:
        """The fields as JSON has them: bytes as `0x` hex, enums by name, all else as it is.

        With a token's decimals each of its amounts is there in whole tokens too, as decimal text:
        `pnl` of -1234567 has `pnl_decimal` of "-1.234567" beside it.
        """
        values: Any = self
        decimals = {"quote_decimals": quote_decimals, "base_decimals": base_decimals}
        shown: dict[str, Any] = {}
        for field in fields(values):
            value = getattr(self, field.name)
            shown[field.name] = plain(value, **decimals)
            places = _places(type(self).__name__, field.name, quote_decimals, base_decimals)
            if places is not None:
                shown[f"{field.name}_decimal"] = _whole(value, places)
        return shown

    def _repr_html_(self) -> str:
        rows = (
            f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
            for name, value in self.to_dict().items()
        )
        return f"<table><caption>{type(self).__name__}</caption>{''.join(rows)}</table>"


_QUOTE_AMOUNTS = frozenset(
    {
        *("best", "equity", "high_water", "locked", "loss", "marked", "notional"),
        *("pnl", "profit", "quote_amount", "reserve", "worst"),
    }
)
# Their amounts are in any token.
_OF_ANY_TOKEN = frozenset({"AMMTokenStats", "ArbitrageExecuted", "ArbitrageQuote"})


def _places(kind: str, field: str, quote: int | None, base: int | None) -> int | None:
    """The decimals of the token that a field is an amount of, where they were given."""
    if kind in _OF_ANY_TOKEN:
        return None
    return quote if field in _QUOTE_AMOUNTS else base if field == "base_amount" else None


def _whole(raw: int, places: int) -> str:
    """In whole tokens, to the unit: a `Decimal` would round after 28 digits."""
    whole, rest = divmod(abs(raw), 10**places)
    sign = "-" if raw < 0 else ""
    return f"{sign}{whole}.{rest:0{places}}" if places else f"{sign}{whole}"


def plain(value: Any, **decimals: int | None) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Shown):
        return value.to_dict(**decimals)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [plain(each, **decimals) for each in value]
    return str(value) if isinstance(value, (Decimal, Exception)) else value


class Struct(Shown):
    """A struct of the contracts. `abi_name` is its name there, field by field in the same order."""

    __slots__ = ()
    abi_name: ClassVar[str] = ""


class PackedStruct(Struct):
    """A struct that an event carries in one word. `widths` are its fields' bits, lowest first."""

    __slots__ = ()
    widths: ClassVar[tuple[int, ...]] = ()

    @classmethod
    def from_word(cls, word: int) -> Self:
        """The struct that the word holds."""
        values = []
        for bits in cls.widths:
            values.append(word & ((1 << bits) - 1))
            word >>= bits
        return cls(*values)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a packed word, lowest first.

    kind: what each value is made with.
    bits: the width of one value.
    count: how many there are; 0: what is not a list, -1: as many as are not zero.
    """

    name: str
    kind: type[Any]
    bits: int
    count: int = 0

    def take(self, word: int) -> tuple[Any, int]:
        """The part's value, and what is left of the word."""
        if issubclass(self.kind, PackedStruct):
            return self.kind.from_word(word), 0
        kind, bits, mask = self.kind, self.bits, (1 << self.bits) - 1
        if not self.count:
            return kind(word & mask), word >> bits
        values: list[Any] = []
        while word if self.count < 0 else len(values) < self.count:
            values.append(kind(word & mask))
            word >>= bits
        return tuple(values), word


class EventStruct(Shown):
    """An event of the contracts, its packed words unpacked."""

    __slots__ = ()
    words: ClassVar[Mapping[str, tuple[Part, ...]]] = {}
    texts: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def from_args(cls, args: Mapping[str, Any], **more: Any) -> Self:
        """From the arguments of a decoded log; `more` are fields that the event does not have."""
        # `from` is Python's own.
        values = {f"{n}_" if iskeyword(n) else n: value for n, value in args.items()}
        for name in cls.texts:
            values[name] = text_of(values[name])
        for name, parts in cls.words.items():
            word = values.pop(name)
            for part in parts:
                values[part.name], word = part.take(word)
        return cls(**values, **more)


def text_of(value: bytes) -> str:
    """The short text in a `bytes32`, such as "day"."""
    return value.rstrip(b"\0").decode("ascii", "replace")


class StrikeRecordBase(PackedStruct):
    __slots__ = ()
    opened_at: int
    horizon: int

    @property
    def due_at(self) -> int:
        """When the strike is due whatever the price, Unix seconds."""
        return self.opened_at + self.horizon


class Counted(Struct):
    """What has settled strikes, and wins among them."""

    __slots__ = ()
    settled: int
    wins: int

    @property
    def win_rate(self) -> Decimal | None:
        """Wins of settled, 0 to 1; None while nothing has settled."""
        return Decimal(self.wins) / self.settled if self.settled else None


StrikeStatsBase = SignalStatsBase = StrategyStatsBase = Counted


class CalibrationBinBase(Counted):
    __slots__ = ()
    brier_sum: int

    @property
    def brier_score(self) -> Decimal | None:
        """Mean of (confidence - outcome)^2, 0 to 1; None while nothing has settled."""
        return Decimal(self.brier_sum).scaleb(-6) / self.settled if self.settled else None


class BotBase(Struct):
    __slots__ = ()
    equity: int
    locked: int

    @property
    def free(self) -> int:
        """What is not in open strikes, raw quote units."""
        return self.equity - self.locked


class StrikeBase(Struct):
    __slots__ = ()
    status: Named

    @property
    def is_open(self) -> bool:
        return self.status.name == "OPEN"
