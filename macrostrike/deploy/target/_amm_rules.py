"""Faults between a target's section on arbitrages and others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from macrostrike.arbitrage.venues import VENUES, Naming
from macrostrike.deploy.target._schema import ETHER, Amm, AmmPool, Factory
from macrostrike.deploy.target._yaml import Place
from macrostrike.types import DYNAMIC_FEE

Fault = tuple[Place, str]
_DETAILS = ("pool", "token0", "token1", "fee", "tick_spacing", "hooks")


def amm_faults(sections: Mapping[str, Any]) -> Iterator[Fault]:
    """All of them, as far as the sections are there."""
    amm, tokens, factories = (sections.get(name) for name in ("amm", "tokens", "factories"))
    if amm is None:
        return
    if tokens is not None:
        yield from _amounts(amm, tokens)
        wrapped = amm.wrapped_native
        if wrapped is not None and wrapped not in tokens:
            yield ("amm", "wrapped_native"), _unknown(wrapped, "tokens", tokens)
    for i, pool in enumerate(amm.pools):
        if tokens is not None:
            yield from _tokens(i, pool, tokens)
        if factories is None:
            continue
        if pool.factory not in factories:
            place: Place = ("amm", "pools", i, "factory")
            yield place, _unknown(pool.factory, "factories", factories)
        else:
            yield from _pool(i, pool, factories[pool.factory], amm)
    yield from _twice(("amm", "hooks"), [(each, each) for each in amm.hooks])
    ways = [_way(pool, tokens or {}, factories or {}) for pool in amm.pools]
    shown = [f"{pool.pool or 'the pool'} of {pool.factory}" for pool in amm.pools]
    yield from _twice(("amm", "pools"), list(zip(ways, shown, strict=True)))


def _amounts(amm: Amm, tokens: Mapping[str, Any]) -> Iterator[Fault]:
    for section, amounts in (("caps", amm.caps), ("funding", amm.funding)):
        for name, amount in amounts.items():
            if name not in tokens:
                yield ("amm", section, name), _unknown(name, "tokens", tokens)
            elif amount.scaleb(tokens[name].decimals) % 1:
                decimals = tokens[name].decimals
                yield ("amm", section, name), f"{amount} has more than {decimals} decimals"


def _tokens(i: int, pool: AmmPool, tokens: Mapping[str, Any]) -> Iterator[Fault]:
    for place, name in (("token0", pool.token0), ("token1", pool.token1)):
        if name is not None and name != ETHER and name not in tokens:
            yield ("amm", "pools", i, place), _unknown(name, "tokens", tokens)
    if pool.token0 is not None and pool.token0 == pool.token1:
        yield ("amm", "pools", i, "token1"), f"{pool.token1} is the pool's token0 too"


def _pool(i: int, pool: AmmPool, factory: Factory, amm: Amm) -> Iterator[Fault]:
    venue, naming = factory.venue, VENUES[factory.venue].naming
    for detail in _DETAILS:
        is_said = getattr(pool, detail) is not None
        if detail in naming.required and not is_said:
            yield ("amm", "pools", i, detail), f"is missing: a pool of {venue} needs it"
        elif is_said and detail not in naming.required | naming.optional:
            yield ("amm", "pools", i, detail), f"is not wanted: a pool of {venue} has none"
    max_fee, is_dynamic = naming.max_fee, pool.fee == DYNAMIC_FEE and "hooks" in naming.optional
    if "fee" in naming.required and (pool.fee or 0) > max_fee and not is_dynamic:
        yield (
            ("amm", "pools", i, "fee"),
            f"{pool.fee} is over {max_fee} hundredths of a basis point",
        )
    yield from _hooks(i, pool, amm, naming)
    if naming.is_native_traded:
        yield from _ether(i, pool, amm)
    elif ETHER in (pool.token0, pool.token1) and "token0" in naming.required:
        name = "token0" if pool.token0 == ETHER else "token1"
        yield ("amm", "pools", i, name), f"{venue} trades no ether: name its wrapped token"


def _hooks(i: int, pool: AmmPool, amm: Amm, naming: Naming) -> Iterator[Fault]:
    if "hooks" not in naming.optional:
        return
    if pool.hooks is not None and pool.hooks not in amm.hooks:
        yield ("amm", "pools", i, "hooks"), f"{pool.hooks} is not among amm.hooks"
    if pool.fee == DYNAMIC_FEE and pool.hooks is None:
        yield ("amm", "pools", i, "fee"), "dynamic fees are set by hooks, and it has none"


def _ether(i: int, pool: AmmPool, amm: Amm) -> Iterator[Fault]:
    pair = (pool.token0, pool.token1)
    if ETHER not in pair:
        return
    if amm.wrapped_native is None:
        name = "token0" if pool.token0 == ETHER else "token1"
        yield ("amm", "pools", i, name), "ether counts as a token: say amm.wrapped_native"
    elif amm.wrapped_native in pair:
        name = "token1" if pool.token0 == ETHER else "token0"
        yield ("amm", "pools", i, name), f"{amm.wrapped_native} counts as ether itself"


def _way(pool: AmmPool, tokens: Mapping[str, Any], factories: Mapping[str, Any]) -> Any:
    """What makes it another pool than others."""

    def at(section: Mapping[str, Any], name: str | None) -> str | None:
        # Fixtures differ by their names.
        if name is None or name not in section:
            return name
        address = str(section[name].address)
        return name if address == "fixture" else address

    pair = frozenset({at(tokens, pool.token0), at(tokens, pool.token1)})
    key = (pool.fee, pool.tick_spacing, pool.hooks) if pool.pool is None else None
    return at(factories, pool.factory), pool.pool, pair, key


def _twice(place: Place, keys: list[tuple[Any, str]]) -> Iterator[Fault]:
    for key, count in Counter(key for key, _ in keys).items():
        if count > 1:
            last = max(i for i, (each, _) in enumerate(keys) if each == key)
            yield (*place, last), f"{keys[last][1]} is listed {count} times"


def _unknown(name: str, section: str, known: Mapping[str, Any]) -> str:
    return f"{name!r} is not among the {section}: {', '.join(known) or 'none'}"
