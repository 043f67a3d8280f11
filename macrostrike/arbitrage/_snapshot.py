"""Reads pools as others have recorded them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from macrostrike.arbitrage._errors import Excluded, PoolInvalid, SnapshotInvalid
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.arbitrage.pools._ticks import TickMap
from macrostrike.arbitrage.pools.concentrated import ConcentratedPool
from macrostrike.arbitrage.pools.constant_product import ConstantProductPool
from macrostrike.arbitrage.pools.stable import AMP_PRECISION, StablePool
from macrostrike.arbitrage.pools.weighted import WeightedPool
from macrostrike.types import checksummed

_MILLIONTHS = 10**6
_ONE = 10**18
_SPACINGS = {100: 1, 500: 10, 3000: 60, 10_000: 200}


@dataclass(frozen=True, slots=True)
class Token:
    """A token as a snapshot has it. `price` is wei for one raw unit, None where it is not known."""

    address: str
    symbol: str
    decimals: int
    price: float | None


@dataclass(frozen=True, slots=True)
class Auction:
    """What a solver of CoW Protocol was given.

    native_token: the wrapped ether that prices are in.
    excluded: pools that no chain could have in that state.
    """

    pools: tuple[Pool, ...]
    tokens: Mapping[str, Token]
    native_token: str
    gas_price_wei: int
    excluded: tuple[Excluded, ...]


def read_auction(path: Path | str) -> Auction:
    """The pools of an auction of CoW Protocol, JSON, gzipped or not.

    Balancer's pools are treated as of the version that the models default to, as the file doesn't
    say. A stable pool's rates are the file's inverses inverted, right to their 18th decimal. Raises
    `SnapshotInvalid`.
    """
    content = _load(path)
    try:
        tokens = {
            checksummed(address): Token(
                address=checksummed(address),
                symbol=token["alias"] or address[:8],
                decimals=token["decimals"],
                price=token["external_price"],
            )
            for address, token in content["tokens"].items()
        }
        pools: list[Pool] = []
        excluded: list[Excluded] = []
        for entry in content["amms"].values():
            try:
                pools.append(_READERS[entry["kind"]](entry, tokens))
            except PoolInvalid as invalid:
                excluded.append(Excluded(invalid.pool, invalid.fault, invalid.detail))
        metadata = content["metadata"]
        return Auction(
            pools=tuple(pools),
            tokens=tokens,
            native_token=checksummed(metadata["native_token"]),
            gas_price_wei=int(metadata["gas_price"]),
            excluded=tuple(excluded),
        )
    except (KeyError, TypeError, ValueError) as failure:
        raise SnapshotInvalid(
            str(path), f"no auction as CoW Protocol writes it: {failure!r}"
        ) from None


def read_pool(path: Path | str) -> ConcentratedPool:
    """One Uniswap V3 or V4 pool with all its ticks, as degenbot records them. JSON, gzipped or not.

    Raises `SnapshotInvalid` and `PoolInvalid`.
    """
    content = _load(path)
    try:
        state = content["scalars"]
        # Of V3 they are a part of the pool's own fee, and change no amount.
        taken = state if content.get("pool_id") else {}
        protocol_fees = (
            taken.get("protocol_fee_zero_for_one") or 0,
            taken.get("protocol_fee_one_for_zero") or 0,
        )
        return ConcentratedPool(
            id=content.get("pool_id") or checksummed(content["pool"]),
            tokens=(
                checksummed(content["token0"]["address"]),
                checksummed(content["token1"]["address"]),
            ),
            fee=state["fee"],
            protocol_fees=protocol_fees,
            sqrt_price=state["sqrt_price_x96"],
            tick=state["tick"],
            liquidity=state["liquidity"],
            ticks=TickMap(
                {int(tick): net for tick, (_, net, *_) in content["tick_data"].items()},
                state["tick_spacing"],
            ),
        )
    except (KeyError, TypeError, ValueError) as failure:
        raise SnapshotInvalid(str(path), f"no pool as degenbot writes it: {failure!r}") from None


def _load(path: Path | str) -> Any:
    try:
        raw = Path(path).read_bytes()
        return json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
    except (OSError, ValueError) as failure:
        raise SnapshotInvalid(str(path), str(failure)) from None


def _constant_product(entry: Any, tokens: Mapping[str, Token]) -> Pool:
    reserves = _by_address(entry["reserves"])
    token0, token1 = reserves
    return ConstantProductPool(
        id=checksummed(entry["address"]),
        tokens=(token0, token1),
        reserves=(int(reserves[token0]), int(reserves[token1])),
        fee=_scaled(entry["fee"], _MILLIONTHS),
    )


def _concentrated(entry: Any, tokens: Mapping[str, Token]) -> Pool:
    state = entry["pool"]["state"]
    token0, token1 = (checksummed(token["id"]) for token in entry["pool"]["tokens"])
    fee = _scaled(entry["fee"], _MILLIONTHS)
    net = {int(tick): int(gained) for tick, gained in state["liquidity_net"].items()}
    return ConcentratedPool(
        id=checksummed(entry["address"]),
        tokens=(token0, token1),
        fee=fee,
        sqrt_price=int(state["sqrt_price"]),
        tick=int(state["tick"]),
        liquidity=int(state["liquidity"]),
        ticks=TickMap(net, _SPACINGS[fee]),
    )


def _weighted(entry: Any, tokens: Mapping[str, Token]) -> Pool:
    reserves = _by_address(entry["reserves"])
    return WeightedPool(
        id=checksummed(entry["address"]),
        tokens=tuple(reserves),
        balances=tuple(int(each["balance"]) for each in reserves.values()),
        weights=tuple(_scaled(each["weight"], _ONE) for each in reserves.values()),
        decimals=tuple(tokens[token].decimals for token in reserves),
        fee=_scaled(entry["fee"], _ONE),
    )


def _stable(entry: Any, tokens: Mapping[str, Token]) -> Pool:
    reserves = _by_address(entry["reserves"])
    rates = _by_address(entry["scaling_rates"])
    return StablePool(
        id=checksummed(entry["address"]),
        tokens=tuple(reserves),
        balances=tuple(int(balance) for balance in reserves.values()),
        scales=tuple(round(Decimal(_ONE) ** 2 / int(rates[token])) for token in reserves),
        amplification=_scaled(entry["amplification_parameter"], AMP_PRECISION),
        fee=_scaled(entry["fee"], _ONE),
    )


def _by_address(entries: Mapping[str, Any]) -> dict[str, Any]:
    """In the order in which pools keep their tokens."""
    return {
        checksummed(token): entries[token] for token in sorted(entries, key=lambda t: int(t, 16))
    }


def _scaled(value: str, unit: int) -> int:
    """A decimal as an integer; the file has some that went through a float."""
    return round(Decimal(value) * unit)


_READERS = {
    "ConstantProduct": _constant_product,
    "Concentrated": _concentrated,
    "WeightedProduct": _weighted,
    "Stable": _stable,
}
