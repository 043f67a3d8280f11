"""A real Balancer V2: its vault, and the factories of three kinds of pools."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode

from macrostrike.build import Contract, npm
from macrostrike.chain import LocalTransport, Signer

from ...evm import FOREVER, ZERO, Payer
from ..pools import TOKEN

_TASKS = "@balancer-labs/v2-deployments/dist/tasks"
AUTHORIZER = npm(f"{_TASKS}/20210418-authorizer/artifact/Authorizer.json")
VAULT = npm(f"{_TASKS}/20210418-vault/artifact/Vault.json")
FEES = npm(
    f"{_TASKS}/20220725-protocol-fee-percentages-provider/artifact/"
    "ProtocolFeePercentagesProvider.json"
)
WEIGHTED = npm(f"{_TASKS}/deprecated/20210418-weighted-pool/artifact/WeightedPoolFactory.json")
STABLE = npm(f"{_TASKS}/deprecated/20210624-stable-pool/artifact/StablePoolFactory.json")
COMPOSABLE = npm(
    f"{_TASKS}/20230206-composable-stable-pool-v3/artifact/ComposableStablePoolFactory.json"
)
POOL = npm(f"{_TASKS}/20230206-weighted-pool-v3/artifact/WeightedPool.json")
AMPLIFICATION = 200
_ONE = 10**18
_MONTH = 30 * 86_400
_FEE_UNIT = 10**12
_INIT_JOIN = 0


class Balancer(Payer):
    """Makes pools in the vault and trades on them. Fees in hundredths of a basis point."""

    def __init__(self, chain: LocalTransport, key: Signer) -> None:
        super().__init__(chain, key)
        authorizer = self.deploy(AUTHORIZER, key.address)
        self.vault = self.deploy(VAULT, authorizer, ZERO, 3 * _MONTH, _MONTH)
        fees = self.deploy(FEES, self.vault, _ONE, _ONE)
        self.weighted_factory = self.deploy(WEIGHTED, self.vault)
        self.stable_factory = self.deploy(STABLE, self.vault)
        self.composable_factory = self.deploy(COMPOSABLE, self.vault, fees, "", "")

    def allow(self, token: str) -> None:
        self.tell(TOKEN, token, "approve", self.vault, FOREVER)

    def weighted(self, amounts: dict[str, int], shares: dict[str, int], fee: int) -> str:
        """A pool of tokens with so much of each, which count for so many percent."""
        tokens = sorted(amounts, key=str.lower)
        weights = [shares[token] * _ONE // 100 for token in tokens]
        arguments = ("Pool", "BPT", tokens, weights, fee * _FEE_UNIT, self.address)
        return self._made(self.weighted_factory, WEIGHTED, arguments, amounts)

    def stable(self, amounts: dict[str, int], fee: int) -> str:
        tokens = sorted(amounts, key=str.lower)
        arguments = ("Pool", "BPT", tokens, AMPLIFICATION, fee * _FEE_UNIT, self.address)
        return self._made(self.stable_factory, STABLE, arguments, amounts)

    def composable(
        self, amounts: dict[str, int], fee: int, rates: dict[str, str] | None = None, keeps: int = 0
    ) -> str:
        """Its own share is one of its tokens, as the vault has them.

        Rates are asked of their providers, and kept for so many seconds.
        """
        tokens = sorted(amounts, key=str.lower)
        providers = [(rates or {}).get(token, ZERO) for token in tokens]
        kept = [keeps if provider != ZERO else 0 for provider in providers]
        arguments = (
            *("Pool", "BPT", tokens, AMPLIFICATION, providers, kept),
            *([False] * len(tokens), fee * _FEE_UNIT, self.address),
        )
        return self._made(self.composable_factory, COMPOSABLE, arguments, amounts)

    def pool_id(self, pool: str) -> bytes:
        return bytes(self.ask(POOL, pool, "getPoolId"))

    def swap(self, pool: str, token_in: str, token_out: str, amount: int) -> None:
        given_in = (self.pool_id(pool), 0, token_in, token_out, amount, b"")
        funds = (self.address, False, self.address, False)
        self.tell(VAULT, self.vault, "swap", given_in, funds, 0, FOREVER)

    def _made(
        self, factory: str, contract: Contract, arguments: tuple[Any, ...], amounts: dict[str, int]
    ) -> str:
        pool = str(self.get(contract, factory, "create", *arguments))
        pool_id = self.pool_id(pool)
        tokens = self.ask(VAULT, self.vault, "getPoolTokens", pool_id)[0]
        brought = [amounts.get(token, 0) for token in tokens]
        data = encode(["uint256", "uint256[]"], [_INIT_JOIN, brought])
        request = (list(tokens), [FOREVER] * len(tokens), data, False)
        self.tell(VAULT, self.vault, "joinPool", pool_id, self.address, self.address, request)
        return pool
