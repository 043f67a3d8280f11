"""Balancer's Vault, and its pools, brought to the state of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.arbitrage import StablePool, WeightedPool

from ...evm import FOREVER, ZERO
from .chain import Chain, RealPool, contract, token_contract

_BALANCER = "@balancer-labs/v2-deployments/dist/tasks"
_INIT_JOIN = 0
_MONTH = 30 * 86_400


class Vault:
    """Balancer's Vault, with what its pools need around it."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        authorizer = chain.deploy(
            contract(f"{_BALANCER}/20210418-authorizer/artifact/Authorizer.json"), chain.trader
        )
        self.contract = contract(f"{_BALANCER}/20210418-vault/artifact/Vault.json")
        self.address = chain.deploy(self.contract, authorizer, ZERO, 3 * _MONTH, _MONTH)
        self._fees = chain.deploy(
            contract(
                f"{_BALANCER}/20220725-protocol-fee-percentages-provider/artifact/"
                "ProtocolFeePercentagesProvider.json"
            ),
            self.address,
            10**18,
            10**18,
        )

    def weighted(self, model: WeightedPool) -> RealBalancerPool:
        """A pool of the first version by its factory, of the second by its own constructor."""
        tokens, weights = self._lay(model.tokens, model.decimals), model.weights
        if model.version == 1:
            made = self._by_factory(
                "deprecated/20210418-weighted-pool/artifact/WeightedPoolFactory.json",
                *("Pool", "BPT", tokens, weights, model.fee, self.chain.trader),
            )
        else:
            none = [ZERO] * len(tokens)
            made = self.chain.deploy(
                contract(f"{_BALANCER}/20230206-weighted-pool-v3/artifact/WeightedPool.json"),
                ("Pool", "BPT", tokens, weights, none, none, model.fee),
                *(self.address, self._fees, 3 * _MONTH, _MONTH, self.chain.trader, ""),
            )
        return RealBalancerPool(self, made, model.tokens, model.balances)

    def stable(self, model: StablePool, decimals: Sequence[int]) -> RealBalancerPool:
        """A stable pool of 2021 in the first version, a composable one in the second."""
        tokens = self._lay(model.tokens, decimals)
        amplification, odd = divmod(model.amplification, 1000)
        assert not odd, "pools are made with whole amplifications"
        rates = [scale // 10 ** (18 - d) for scale, d in zip(model.scales, decimals, strict=True)]
        if model.version == 1:
            assert set(rates) == {10**18}, "the stable pools of 2021 know no rates"
            made = self._by_factory(
                "deprecated/20210624-stable-pool/artifact/StablePoolFactory.json",
                *("Pool", "BPT", tokens, amplification, model.fee, self.chain.trader),
            )
            return RealBalancerPool(self, made, model.tokens, model.balances)
        providers = [self._rate_provider(rate) for rate in rates]
        zeros = [0] * len(tokens)
        parameters = (
            *(self.address, self._fees, "Pool", "BPT", tokens, providers, zeros),
            *([False] * len(tokens), amplification, model.fee),
            *(3 * _MONTH, _MONTH, self.chain.trader, ""),
        )
        path = "20230206-composable-stable-pool-v3/artifact/ComposableStablePool.json"
        made = self.chain.deploy(contract(f"{_BALANCER}/{path}"), parameters)
        return RealBalancerPool(self, made, model.tokens, model.balances)

    def _lay(self, tokens: Sequence[str], decimals: Sequence[int]) -> list[str]:
        for token, places in zip(tokens, decimals, strict=True):
            self.chain.token(token, places)
            self.chain.trade(token, token_contract(), "approve", self.address, FOREVER)
        return list(tokens)

    def _by_factory(self, path: str, *arguments: object) -> str:
        factory = contract(f"{_BALANCER}/{path}")
        at = self.chain.deploy(factory, self.address)
        made: str = self.chain.trade(at, factory, "create", *arguments)
        return made

    def _rate_provider(self, rate: int) -> str:
        if rate == 10**18:
            return ZERO
        address = to_checksum_address(keccak(rate.to_bytes(32, "big"))[12:])
        return self.chain.put_answer(address, rate)


class RealBalancerPool(RealPool):
    """A pool of the Vault, joined once with all its balances."""

    def __init__(
        self, vault: Vault, address: str, tokens: Sequence[str], balances: Sequence[int]
    ) -> None:
        super().__init__(vault.chain, address)
        self._vault = vault
        pool = contract(f"{_BALANCER}/20230206-weighted-pool-v3/artifact/WeightedPool.json")
        self._id = self.chain.ask(pool, address, "getPoolId")
        registered = self._registered()[0]
        # A composable pool's own share is one of its tokens, and no account can bring it.
        amounts = [dict(zip(tokens, balances, strict=True)).get(token, 0) for token in registered]
        data = encode(["uint256", "uint256[]"], [_INIT_JOIN, amounts])
        request = (list(registered), [FOREVER] * len(registered), data, False)
        trader = self.chain.trader
        self._send("joinPool", self._id, trader, trader, request)
        kept = dict(zip(*self._registered()[:2], strict=True))
        assert [kept[token] for token in tokens] == list(balances)

    def _registered(self) -> Any:
        return self._send("getPoolTokens", self._id)

    def _swap(self, token_in: str, token_out: str, amount_in: int) -> None:
        trader = self.chain.trader
        given_in = (self._id, 0, token_in, token_out, amount_in, b"")
        self._send("swap", given_in, (trader, False, trader, False), 0, FOREVER)

    def _send(self, function: str, *arguments: object) -> Any:
        return self.chain.trade(self._vault.address, self._vault.contract, function, *arguments)
