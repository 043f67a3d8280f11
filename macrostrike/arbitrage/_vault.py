"""Balancer V2's pools: in the vault's books what they hold, in themselves how they trade it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from eth_utils.crypto import keccak

from macrostrike.arbitrage._block import Block, Question
from macrostrike.arbitrage._errors import AmountRefused, Excluded, Fault, PoolInvalid
from macrostrike.arbitrage.pools._fixed_point import ONE
from macrostrike.arbitrage.pools._pairs import SomePairs
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.arbitrage.pools.stable import StablePool
from macrostrike.arbitrage.pools.weighted import WeightedPool
from macrostrike.types import ZERO_ADDRESS, Venue
from macrostrike.types import Pool as Registered

_Model: TypeAlias = WeightedPool | StablePool
_DECIMALS = 18
# Pools say their scaling factors since they round as version 2 of the models does.
_SCALING_FACTORS = keccak(text="getScalingFactors()")[:4]
_TRIAL = 1000  # of what the pool has
_GIVEN_IN = 0
_NOBODY = (ZERO_ADDRESS, False, ZERO_ADDRESS, False)


@dataclass(frozen=True, slots=True)
class _Held:
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
        weighted = self.pool.venue is Venue.BALANCER_WEIGHTED
        kind = "getNormalizedWeights" if weighted else "getAmplificationParameter"
        asked: list[Question] = [(self.pool.pool, kind, ())]
        if not weighted and self.version > 1:
            return [*asked, (self.pool.pool, "getScalingFactors", ())]
        return asked + [(token, "decimals", ()) for token in self.tokens]


def vaults_of(block: Block, pools: Sequence[Registered]) -> list[str]:
    """The vault of each."""
    return [str(vault) for vault in block.ask([(pool.factory, "getVault", ()) for pool in pools])]


def is_balancer(pool: Registered) -> bool:
    """Whether it is one of a vault's."""
    return pool.venue in (Venue.BALANCER_WEIGHTED, Venue.BALANCER_STABLE)


def read_vault_pools(block: Block, registered: Iterable[Registered]) -> list[Pool | Excluded]:
    """Each pool once, with the pairs of its tokens that are registered.

    Each is tried through the vault: one that gives anything but what its model says is left out,
    as is one whose rates or amplification are moving.
    """
    pairs: dict[str, list[Registered]] = {}
    for pair in registered:
        pairs.setdefault(f"0x{pair.pool_id.hex()}", []).append(pair)
    made: list[Pool | Excluded] = []
    held: list[_Held] = []
    for each in _held(block, pairs):
        if isinstance(each, Excluded):
            made.append(each)
        else:
            held.append(each)
    models: list[tuple[_Held, _Model]] = []
    for one, model in zip(held, _models(block, held), strict=True):
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


def _held(block: Block, pairs: dict[str, list[Registered]]) -> Iterable[_Held | Excluded]:
    pools = [several[0] for several in pairs.values()]
    vaults = vaults_of(block, pools)
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
        yield _Held(
            id=key,
            pool=pool,
            vault=vault,
            tokens=tuple(tokens[index] for index in kept),
            balances=tuple(balances[index] for index in kept),
            own_share=own,
            fee=fee,
            version=2 if _SCALING_FACTORS in block.code(pool.pool) else 1,
        )


def _models(block: Block, held: Sequence[_Held]) -> Iterable[_Model | Excluded]:
    questions = [one.questions() for one in held]
    answers = iter(block.ask([question for asked in questions for question in asked]))
    for one, asked in zip(held, questions, strict=True):
        says, *rest = [next(answers) for _ in asked]
        try:
            if one.pool.venue is Venue.BALANCER_WEIGHTED:
                yield _weighted(one, says, rest)
            else:
                yield _stable(one, says, rest)
        except PoolInvalid as invalid:
            yield Excluded(invalid.pool, invalid.fault, invalid.detail)


def _weighted(one: _Held, weights: Sequence[int], decimals: Sequence[int]) -> WeightedPool:
    return WeightedPool(
        id=one.id,
        tokens=one.tokens,
        balances=one.balances,
        weights=tuple(weights),
        decimals=tuple(decimals),
        fee=one.fee,
        version=one.version,
    )


def _stable(one: _Held, says: tuple[int, bool], rest: Sequence[object]) -> StablePool:
    amplification, moving = says
    if moving:
        raise PoolInvalid(one.id, Fault.VENUE, "its amplification is moving")
    if one.version > 1:
        (factors,) = rest
        assert isinstance(factors, Sequence)
        scales = [int(factor) for at, factor in enumerate(factors) if at != one.own_share]
    else:
        scales = [ONE * 10 ** (_DECIMALS - int(str(places))) for places in rest]
    return StablePool(
        id=one.id,
        tokens=one.tokens,
        balances=one.balances,
        scales=tuple(scales),
        amplification=amplification,
        fee=one.fee,
        version=one.version,
    )


def _unlike(block: Block, models: Sequence[tuple[_Held, _Model]]) -> list[str]:
    """Why each is not what its model says, if it isn't: every token is tried, in and out."""
    places, questions, expected = [], [], []
    unlike = [""] * len(models)
    for at, (one, model) in enumerate(models):
        for token_in, token_out in zip(
            model.tokens, model.tokens[1:] + model.tokens[:1], strict=True
        ):
            amount = max(model.balances[model.tokens.index(token_in)] // _TRIAL, 1)
            try:
                gives = model.amount_out(token_in, token_out, amount)
            except AmountRefused as refused:
                unlike[at] = str(refused)
                continue
            step = (one.pool.pool_id, 0, 1, amount, b"")
            asked = (_GIVEN_IN, [step], [token_in, token_out], _NOBODY)
            questions.append((one.vault, "queryBatchSwap", asked))
            places.append(at)
            expected.append((amount, gives))
    answers = block.ask_each(questions)
    for at, (amount, gives), answer in zip(places, expected, answers, strict=True):
        said = "nothing" if answer is None else -answer[1]
        if said != gives:
            unlike[at] = f"for {amount} the vault gives {said}, where the model says {gives}"
    return unlike


def _with_pairs(model: _Model, registered: Sequence[Registered]) -> Pool:
    pairs = frozenset(frozenset((pair.token0, pair.token1)) for pair in registered)
    count = len(model.tokens)
    return model if len(pairs) == count * (count - 1) // 2 else SomePairs(model, pairs)
