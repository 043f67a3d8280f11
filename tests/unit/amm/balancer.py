"""A real Balancer V2: its vault, and the factories of three kinds of pools."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount

from macrostrike.build import Contract, npm
from macrostrike.chain import LocalTransport

from ..pools import TOKEN
from .v4 import ZERO

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
FOREVER = (1 << 256) - 1
AMPLIFICATION = 200
_ONE = 10**18
_MONTH = 30 * 86_400
_FEE_UNIT = 10**12
_INIT_JOIN = 0
_GAS = 30_000_000


class Balancer:
    """Whoever makes pools in the vault and trades on them. Fees in hundredths of a basis point."""

    def __init__(self, chain: LocalTransport, maker: LocalAccount) -> None:
        self.chain, self.maker = chain, maker
        authorizer = self._deploy(AUTHORIZER, maker.address)
        self.vault = self._deploy(VAULT, authorizer, ZERO, 3 * _MONTH, _MONTH)
        fees = self._deploy(FEES, self.vault, _ONE, _ONE)
        self.weighted_factory = self._deploy(WEIGHTED, self.vault)
        self.stable_factory = self._deploy(STABLE, self.vault)
        self.composable_factory = self._deploy(COMPOSABLE, self.vault, fees, "", "")

    def allow(self, token: str) -> None:
        self._send(token, TOKEN.abi.encode_call("approve", self.vault, FOREVER))

    def weighted(self, amounts: dict[str, int], shares: dict[str, int], fee: int) -> str:
        """A pool of tokens with so much of each, which count for so many percent."""
        tokens = sorted(amounts, key=str.lower)
        weights = [shares[token] * _ONE // 100 for token in tokens]
        arguments = ("Pool", "BPT", tokens, weights, fee * _FEE_UNIT, self.maker.address)
        return self._made(self.weighted_factory, WEIGHTED, arguments, amounts)

    def stable(self, amounts: dict[str, int], fee: int) -> str:
        tokens = sorted(amounts, key=str.lower)
        arguments = ("Pool", "BPT", tokens, AMPLIFICATION, fee * _FEE_UNIT, self.maker.address)
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
            *([False] * len(tokens), fee * _FEE_UNIT, self.maker.address),
        )
        return self._made(self.composable_factory, COMPOSABLE, arguments, amounts)

    def pool_id(self, pool: str) -> bytes:
        return bytes(self._ask(pool, POOL, "getPoolId"))

    def swap(self, pool: str, token_in: str, token_out: str, amount: int) -> None:
        given_in = (self.pool_id(pool), 0, token_in, token_out, amount, b"")
        funds = (self.maker.address, False, self.maker.address, False)
        self._send(self.vault, VAULT.abi.encode_call("swap", given_in, funds, 0, FOREVER))

    def _made(
        self, factory: str, contract: Contract, arguments: tuple[Any, ...], amounts: dict[str, int]
    ) -> str:
        create = contract.abi.encode_call("create", *arguments)
        answer = self.chain.call(factory, create, sender=self.maker.address)
        pool = str(contract.abi.decode_result("create", answer))
        self._send(factory, create)
        pool_id, maker = self.pool_id(pool), self.maker.address
        tokens = self._ask(self.vault, VAULT, "getPoolTokens", pool_id)[0]
        brought = [amounts.get(token, 0) for token in tokens]
        data = encode(["uint256", "uint256[]"], [_INIT_JOIN, brought])
        request = (list(tokens), [FOREVER] * len(tokens), data, False)
        self._send(self.vault, VAULT.abi.encode_call("joinPool", pool_id, maker, maker, request))
        return pool

    def _ask(self, to: str, contract: Contract, function: str, *args: object) -> Any:
        answer = self.chain.call(to, contract.abi.encode_call(function, *args))
        return contract.abi.decode_result(function, answer)

    def _deploy(self, contract: Contract, *args: object) -> str:
        created = self._send(None, contract.create(*args))
        assert created is not None
        return created

    def _send(self, to: str | None, data: bytes) -> str | None:
        return self.chain.send(self.maker, to, data, gas=_GAS).contract_address
