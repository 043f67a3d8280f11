"""What a row of the table of settings is: one thing that a target says of a diamond."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from macrostrike.abi import diamond_abi, interface
from macrostrike.deploy.plan._checks import Call, Check
from macrostrike.deploy.state.snapshot import DiamondState
from macrostrike.deploy.target import Amm, Target

_NO_AMM = Amm(caps={})


@dataclass(frozen=True, slots=True)
class Comparison:
    """A target, and the diamond that it is compared with.

    memories: how many observations the markets' pools remember.
    unused: what the diamond may take already, by token; whatever pays by it, takes it out.
    """

    target: Target
    diamond: DiamondState
    memories: Mapping[str, int]
    unused: dict[str, int]

    @property
    def amm(self) -> Amm:
        """What the target says of arbitrages; nothing where it has no such section."""
        return self.target.amm or _NO_AMM

    def call(self, does: str, function: str, *args: Any) -> Call:
        """A call of the owner to the diamond."""
        data = diamond_abi().encode_call(function, *args)
        return Call(does, self.diamond.address, function, data)

    def pay(self, token: str, amount: int, function: str, *args: Any) -> tuple[Call, ...]:
        """The approval, of exactly what the call then takes, unless it was given, and the call."""
        if not amount:
            return ()
        shown = self.amount(amount, self.name_of(token))
        pays = self.call(f"deposit {shown}", function, *args)
        # For the first payment alone: it is used up by then.
        if self.unused.pop(token, None) == amount:
            return (pays,)  # what was cut short between the two
        approval = interface("IToken").encode_call("approve", self.diamond.address, amount)
        return Call(f"let the diamond take {shown}", token, "approve", approval), pays

    def lots(self, lots: int) -> str:
        """So many lots as the target has them, in quote."""
        return self.book(lots * self.target.book(self.target.fleet.lot))

    def book(self, units: int) -> str:
        """So many book units, in quote."""
        return self.quote(units * 10**self.target.fleet.unit_exponent)

    def quote(self, raw: int) -> str:
        """Raw units of quote, in whole tokens."""
        return self.amount(raw, self.target.fleet.quote)

    def amount(self, raw: int, token: str) -> str:
        """Raw units of a token, by its name, in whole ones."""
        amount = Decimal(raw).scaleb(-self.target.tokens[token].decimals).normalize()
        return f"{amount:,f} {token}"

    def name_of(self, token: str) -> str:
        """The target's name of a token; its address where it has none."""
        names = {each.address: name for name, each in self.target.tokens.items()}
        return names.get(token, token)


class Words(NamedTuple):
    """The wanted value and the actual one as a check shows them, and from what to what."""

    new: str
    old: str
    change: str = ""


def each(show: Callable[[Comparison, Any], object]) -> Callable[[Comparison, Any, Any], Words]:
    """Either value shown by itself."""
    return lambda at, new, old: Words(str(show(at, new)), str(show(at, old)))


@dataclass(frozen=True, slots=True)
class Act:
    """A call of the owner.

    does: in words, with `{key}`, itself as `{id}`, and the values as `{new}`, `{old}`, `{change}`.
    args: from the key and the value that is set, or taken away.
    """

    does: str
    function: str
    args: Callable[[Any, Any], tuple[Any, ...]] = lambda key, value: (key, value)


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: what is wanted, what there is, which call fixes it, and how it is named.

    name: of its checks, with `{key}`.
    wanted, actual: the value of each key: an account, a token, a market's id. A setting of the
        whole diamond has the one key None.
    sets: what puts a value there; none where a plan can't change it.
    unsets: what takes a value away that is not wanted.
    absent: the value of a key that has none.
    replaces: whether one value is taken away before another is put there.
    label: a key in words; given a value of it too.
    words: the values in words.
    is_fixed: where no call changes it, though others of the row can be changed.
    reverses: what a guardian may have done, and the call would undo; empty where none did.
    """

    name: str
    wanted: Callable[[Comparison], Mapping[Any, Any]]
    actual: Callable[[Comparison], Mapping[Any, Any]]
    sets: Act | None = None
    unsets: Act | None = None
    absent: Any = None
    replaces: bool = False
    label: Callable[[Comparison, Any, Any], str] = lambda at, key, value: str(key)
    words: Callable[[Comparison, Any, Any], Words] = each(lambda at, value: value)  # noqa: RUF009
    is_fixed: Callable[[Comparison, Any, Any], bool] = lambda at, key, old: False
    reverses: Callable[[Comparison, Any, Any, Any], str] = lambda at, key, new, old: ""

    def __call__(self, at: Comparison) -> Iterator[Check]:
        """A check for each key, in the target's order; those that it does not have come last."""
        wanted, actual = self.wanted(at), self.actual(at)
        for key in dict.fromkeys((*wanted, *actual)):
            new, old = wanted.get(key, self.absent), actual.get(key, self.absent)
            yield self._check(at, key, new, old)

    def _check(self, at: Comparison, key: Any, new: Any, old: Any) -> Check:
        words = self.words(at, new, old)
        label = self.label(at, key, old if new == self.absent else new)
        name, ok = self.name.format(key=label), new == old
        if ok:
            return Check(name, words.new, words.old, ok)
        reverses = self.reverses(at, key, new, old)
        fixes = tuple(
            at.call(
                act.does.format(key=label, id=key, **words._asdict()),
                act.function,
                *act.args(key, value),
            )
            for act, value in self._acts(at, key, new, old)
        )
        if reverses:
            fixes = tuple(replace(fix, does=f"{fix.does}, REVERSING {reverses}") for fix in fixes)
        return Check(name, words.new, words.old, ok, fixes, reverses=reverses)

    def _acts(self, at: Comparison, key: Any, new: Any, old: Any) -> Iterator[tuple[Act, Any]]:
        if self.is_fixed(at, key, old):
            return
        goes = old != self.absent and (self.replaces or new == self.absent)
        if self.unsets is not None and goes:
            yield self.unsets, old
        if self.sets is not None and new != self.absent:
            yield self.sets, new
