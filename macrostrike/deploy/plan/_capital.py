"""The capital that a target means to be there, and how what is missing goes to it.

Unlike a setting, it is paid for, and what is over stays: a plan takes no capital out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from macrostrike.deploy.plan._checks import Call, Check
from macrostrike.deploy.plan._setting import Comparison
from macrostrike.types import BOTS_PER_STRATEGY, Strategy


def fleet_capital(at: Comparison) -> Iterator[Check]:
    """The total alone: rebalancing moves capital from strategy to strategy."""
    meant, actual = sum(_meant(at)), sum(at.diamond.funded)
    missing = _missing(at)
    total = sum(missing)
    deposit = max(0, total - at.diamond.reserve)
    quote = at.target.quote.address
    funds = at.call(f"fund 25 bots with {at.quote(total)}", "fundBots", missing)
    fixes = (*at.pay(quote, deposit, "deposit", deposit), funds) if total else ()
    name, spends = "funding of the bots", {quote: deposit}
    yield Check(name, at.quote(meant), at.quote(actual), meant == actual, fixes, spends)


def inventory(at: Comparison) -> Iterator[Check]:
    """What shorts sell from."""
    for name, amount in at.target.inventory.items():
        token, meant = at.target.tokens[name].address, at.target.raw(amount, name)
        actual = at.diamond.inventory.get(token, 0)
        short = max(0, meant - actual)
        fixes = at.pay(token, short, "depositInventory", token, short)
        yield _minimum(at, "inventory", name, meant, actual, fixes, short)


def amm_capital(at: Comparison) -> Iterator[Check]:
    """Profit counts: arbitrages add to it."""
    for name, amount in at.amm.funding.items():
        token, meant = at.target.tokens[name].address, at.target.raw(amount, name)
        stats = at.diamond.amm.tokens.get(token)
        actual = stats.capital if stats else 0
        short = max(0, meant - actual)
        paid, fixes = 0, tuple[Call, ...]()
        if short:
            brings, paid = _bring(at, name, short)
            does = f"give the AMM bots {at.amount(short, name)}"
            fixes = (*brings, at.call(does, "fundAMM", token, short))
        yield _minimum(at, "arbitrage funding", name, meant, actual, fixes, paid)


def _minimum(
    at: Comparison,
    what: str,
    name: str,
    meant: int,
    actual: int,
    fixes: tuple[Call, ...],
    paid: int,
) -> Check:
    expected, token = f"at least {at.amount(meant, name)}", at.target.tokens[name].address
    shown, ok = at.amount(actual, name), actual >= meant
    return Check(f"{what} of {name}", expected, shown, ok, fixes, {token: paid})


def _bring(at: Comparison, name: str, amount: int) -> tuple[tuple[Call, ...], int]:
    """What has that much lie in the reserve, or the inventory, beside what is meant for others
    there, and what of it the owner pays. Raw units."""
    token = at.target.tokens[name].address
    if name == at.target.fleet.quote:
        short = max(0, amount - max(0, at.diamond.reserve - sum(_missing(at))))
        return at.pay(token, short, "deposit", short), short
    meant = at.target.raw(at.target.inventory.get(name, Decimal(0)), name)
    # What open shorts have sold is not there to be taken.
    spare = max(0, at.diamond.inventory.get(token, 0) - meant)
    short = max(0, amount - min(spare, at.diamond.amm.inventory.get(token, 0)))
    return at.pay(token, short, "depositInventory", token, short), short


def _meant(at: Comparison) -> list[int]:
    """What each bot starts with, raw units of quote."""
    quote = at.target.fleet.quote
    return [at.target.raw(bot.funding, quote) for bot in at.target.fleet.bots]


def _missing(at: Comparison) -> list[int]:
    """What each bot is to get, raw units of quote."""
    unit = 10**at.target.fleet.unit_exponent
    return missing_capital(_meant(at), at.diamond.funded, unit)


def missing_capital(meant: Sequence[int], funded: Sequence[int], unit: int) -> list[int]:
    """What each bot is to get, so that the fleet has been given what is meant, raw units.

    `meant` is by bot, `funded` by strategy, `unit` is the raw units of a book unit. Rebalancing
    moves capital from strategy to strategy, so only the totals are compared. What is missing goes
    to the strategies that have less than is meant, in proportion.
    """
    total = max(0, sum(meant) - sum(funded)) // unit
    groups = [meant[s * BOTS_PER_STRATEGY : (s + 1) * BOTS_PER_STRATEGY] for s in Strategy]
    lacks = [max(0, sum(group) - funded[s]) // unit for s, group in enumerate(groups)]
    shares = _split(total, lacks)
    bots: list[int] = []
    for share, group, there in zip(shares, groups, funded, strict=True):
        # A strategy without any capital gets it bot by bot, as the target has it.
        weights = [1] * len(group) if there else [amount // unit for amount in group]
        bots += [part * unit for part in _split(share, weights)]
    return bots


def _split(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in proportion to the weights; what rounding leaves goes to the first that has one."""
    if not total:
        return [0] * len(weights)
    every = sum(weights)
    parts = [total * weight // every for weight in weights]
    parts[next(i for i, weight in enumerate(weights) if weight)] += total - sum(parts)
    return parts
