"""Balancer V2: the vault's books have the pools' balances, the pools themselves say how they trade.

A pool of either kind is one, however many of its pairs are registered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from eth_utils.crypto import keccak

from macrostrike.arbitrage._block import Block, Question
from macrostrike.arbitrage._errors import AmountRefused, Excluded, Fault, PoolInvalid
from macrostrike.arbitrage.pools._fixed_point import ONE
from macrostrike.arbitrage.pools._pairs import SomePairs
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.arbitrage.pools.stable import StablePool
from macrostrike.arbitrage.pools.weighted import WeightedPool
from macrostrike.arbitrage.venues._spec import BY_PAIR, Scope, VenueSpec
from macrostrike.types import ZERO_ADDRESS, Venue
from macrostrike.types import Pool as Registered

_Model: TypeAlias = WeightedPool | StablePool
_DECIMALS = 18
# Pools say their scaling factors since they round as version 2 of the models does.
_SCALING_FACTORS = keccak(text="getScalingFactors()")[:4]
_TRIAL = 1000  # a share of the balance
_GIVEN_IN = 0
_NO_FUNDS = (ZERO_ADDRESS, False, ZERO_ADDRESS, False)


@dataclass(frozen=True, slots=True)
class _State:
    """What the vault and all kinds of pools say. Without the pool's own share."""

    id: str
    pool: Registered
    vault: str
    tokens: tuple[str, ...]
    balances: tuple[int, ...]
    own_share: int | None
    fee: int
    version: int

    def questions(self) -> list[Question]:
        """How it trades, the kind's own answer first; then what makes balances comparable."""
        kind = _KINDS[self.pool.venue]
        asked: list[Question] = [(self.pool.pool, kind.parameter, ())]
        if kind.has_scaling_factors and self.version > 1:
            return [*asked, (self.pool.pool, "getScalingFactors", ())]
        return asked + [(token, "decimals", ()) for token in self.tokens]


def _vaults(block: Block, pools: Sequence[Registered]) -> list[str]:
    """The vault of each."""
    return [str(vault) for vault in block.ask([(pool.factory, "getVault", ()) for pool in pools])]


def _emitters(block: Block, pools: Sequence[Registered]) -> list[str]:
    return _vaults(block, list({pool.factory: pool for pool in pools}.values()))


def _read(block: Block, registered: Sequence[Registered], scope: Scope) -> list[Pool | Excluded]:
    """Each pool once, with the pairs of its tokens that are registered.

    Each is tried through the vault: one that answers anything but what its model says is left out,
    as is one whose rates or amplification are moving.
    """
    pairs: dict[str, list[Registered]] = {}
    for pair in registered:
        pairs.setdefault(f"0x{pair.pool_id.hex()}", []).append(pair)
    made: list[Pool | Excluded] = []
    states: list[_State] = []
    for each in _states(block, pairs):
        if isinstance(each, Excluded):
            made.append(each)
        else:
            states.append(each)
    models: list[tuple[_State, _Model]] = []
    for one, model in zip(states, _models(block, states), strict=True):
        if isinstance(model, Excluded):
            made.append(model)
        else:
            models.append((one, model))
    for (one, model), unlike in zip(models, _unlike(block, models), strict=True):
        if unlike:
            made.append(Excluded(one.id, Fault.VENUE, unlike))
        else:
            made.append(_with_pairs(model, pairs[one.id]))
    return made


def _states(block: Block, pairs: dict[str, list[Registered]]) -> Iterable[_State | Excluded]:
    pools = [several[0] for several in pairs.values()]
    vaults = _vaults(block, pools)
    answers = block.ask(
        [
            question
            for pool, vault in zip(pools, vaults, strict=True)
            for question in (
                (vault, "getPausedState", ()),
                (pool.pool, "getPausedState", ()),
                (vault, "getPoolTokens", (pool.pool_id,)),
                (pool.pool, "getSwapFeePercentage", ()),
            )
        ]
    )
    for at, (key, pool, vault) in enumerate(zip(pairs, pools, vaults, strict=True)):
        vault_paused, pool_paused, (tokens, balances), fee = answers[4 * at : 4 * at + 4]
        if vault_paused or pool_paused:
            who = f"the vault {vault}" if vault_paused else "the pool itself"
            yield Excluded(key, Fault.PAUSED, f"{who} says so")
            continue
        own = tokens.index(pool.pool) if pool.pool in tokens else None
        kept = [index for index in range(len(tokens)) if index != own]
        yield _State(
            id=key,
            pool=pool,
            vault=vault,
            tokens=tuple(tokens[index] for index in kept),
            balances=tuple(balances[index] for index in kept),
            own_share=own,
            fee=fee,
            version=2 if _SCALING_FACTORS in block.code(pool.pool) else 1,
        )


def _models(block: Block, states: Sequence[_State]) -> Iterable[_Model | Excluded]:
    questions = [one.questions() for one in states]
    answers = iter(block.ask([question for asked in questions for question in asked]))
    for one, asked in zip(states, questions, strict=True):
        says, *rest = [next(answers) for _ in asked]
        try:
            yield _KINDS[one.pool.venue].model(one, says, rest)
        except PoolInvalid as invalid:
            yield Excluded(invalid.pool, invalid.fault, invalid.detail)


def _weighted(one: _State, weights: Sequence[int], decimals: Sequence[int]) -> WeightedPool:
    return WeightedPool(
        id=one.id,
        tokens=one.tokens,
        balances=one.balances,
        weights=tuple(weights),
        decimals=tuple(decimals),
        fee=one.fee,
        version=one.version,
    )


def _stable(one: _State, says: tuple[int, bool], rest: Sequence[Any]) -> StablePool:
    amplification, moving = says
    if moving:
        raise PoolInvalid(one.id, Fault.VENUE, "its amplification is moving")
    if one.version > 1:
        (factors,) = rest
        scales = [factor for at, factor in enumerate(factors) if at != one.own_share]
    else:
        scales = [ONE * 10 ** (_DECIMALS - places) for places in rest]
    return StablePool(
        id=one.id,
        tokens=one.tokens,
        balances=one.balances,
        scales=tuple(scales),
        amplification=amplification,
        fee=one.fee,
        version=one.version,
    )


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of pool: what says how it trades, and the model of it from the answers."""

    parameter: str
    has_scaling_factors: bool
    model: Callable[[_State, Any, Sequence[Any]], _Model]


_KINDS = {
    Venue.BALANCER_WEIGHTED: _Kind("getNormalizedWeights", False, _weighted),
    Venue.BALANCER_STABLE: _Kind("getAmplificationParameter", True, _stable),
}


def _unlike(block: Block, models: Sequence[tuple[_State, _Model]]) -> list[str]:
    """Why each is not what its model says, if it isn't: every token is tried, in and out."""
    places, questions, expected = [], [], []
    unlike = [""] * len(models)
    for at, (one, model) in enumerate(models):
        for token_in, token_out in zip(
            model.tokens, model.tokens[1:] + model.tokens[:1], strict=True
        ):
            amount = max(model.balances[model.tokens.index(token_in)] // _TRIAL, 1)
            try:
                expects = model.amount_out(token_in, token_out, amount)
            except AmountRefused as refused:
                unlike[at] = str(refused)
                continue
            step = (one.pool.pool_id, 0, 1, amount, b"")
            asked = (_GIVEN_IN, [step], [token_in, token_out], _NO_FUNDS)
            questions.append((one.vault, "queryBatchSwap", asked))
            places.append(at)
            expected.append((amount, expects))
    answers = block.ask_each(questions)
    for at, (amount, expects), answer in zip(places, expected, answers, strict=True):
        said = "nothing" if answer is None else -answer[1]
        if said != expects:
            unlike[at] = f"for {amount} the vault answers {said}, the model {expects}"
    return unlike


def _with_pairs(model: _Model, registered: Sequence[Registered]) -> Pool:
    pairs = frozenset(frozenset((pair.token0, pair.token1)) for pair in registered)
    count = len(model.tokens)
    return model if len(pairs) == count * (count - 1) // 2 else SomePairs(model, pairs)


def _spec(venue: Venue, model: type[Pool]) -> VenueSpec:
    return VenueSpec(
        venue=venue,
        model=model,
        read=_read,
        naming=BY_PAIR,
        contracts=("IToken", "IBalancerVault", "IBalancerPool", "IBalancerFactory"),
        leading={"getAmplificationParameter": 2},
        emitters=_emitters,
    )


BALANCER_WEIGHTED = _spec(Venue.BALANCER_WEIGHTED, WeightedPool)
BALANCER_STABLE = _spec(Venue.BALANCER_STABLE, StablePool)
