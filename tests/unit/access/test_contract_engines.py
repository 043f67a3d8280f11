"""Engines that are contracts (ERC-1271), by a real Safe with two of two owners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from eth_account.signers.local import LocalAccount

from macrostrike.errors import InvalidSignature, NonceUsed
from macrostrike.signing import prediction_digest, sign_prediction
from macrostrike.types import Prediction

from ...evm import put_code
from ..environment import DAY, ZERO, Env, account, npm
from ..readers import refuses

_SAFE = "@safe-global/safe-contracts/build/artifacts/contracts"
SAFE = npm(f"{_SAFE}/Safe.sol/Safe.json")
FACTORY = npm(f"{_SAFE}/proxies/SafeProxyFactory.sol/SafeProxyFactory.json")
HANDLER = npm(f"{_SAFE}/handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json")
OWNERS = sorted(
    (account("safe owner 1"), account("safe owner 2")), key=lambda key: int(key.address, 16)
)


@dataclass(frozen=True)
class Safe:
    env: Env
    address: str

    def prediction(self) -> Prediction:
        return self.env.prediction(engine=self.address, model_id=6)

    def sign(self, prediction: Prediction, owners: Sequence[LocalAccount] = OWNERS) -> bytes:
        """What the Safe's owners sign for it to agree: the Safe's own digest of ours."""
        env = self.env
        digest = prediction_digest(prediction, env.chain.chain_id, env.diamond)
        wrapped = env.ask(HANDLER.abi, self.address, "getMessageHashForSafe", self.address, digest)
        return b"".join(bytes(key.unsafe_sign_hash(wrapped).signature) for key in owners)


@pytest.fixture
def safe(env: Env) -> Safe:
    singleton, factory, handler = (env.deploy(part) for part in (SAFE, FACTORY, HANDLER))
    owners = [key.address for key in OWNERS]
    setup = SAFE.abi.encode_call("setup", owners, 2, ZERO, b"", handler, ZERO, 0, ZERO)
    arguments = (singleton, setup, 0)
    address = env.ask(FACTORY.abi, factory, "createProxyWithNonce", *arguments)
    env.tell(env.keeper.key, FACTORY.abi, factory, "createProxyWithNonce", *arguments)
    env.owner.send("setEngine", address, env.now + DAY)
    env.register(6, address)
    return Safe(env, address)


def test_what_the_contract_agrees_to_is_signed(env: Env, safe: Safe) -> None:
    prediction = safe.prediction()
    opened = env.execute(prediction, safe.sign(prediction))
    assert opened["engine"] == safe.address
    assert env.read("getEngine", safe.address)[1] == prediction.nonce


def test_too_few_of_its_owners_are_not_the_contract(env: Env, safe: Safe) -> None:
    prediction = safe.prediction()
    with refuses(env, InvalidSignature(safe.address, ZERO)):
        env.execute(prediction, safe.sign(prediction, OWNERS[:1]))


def test_strangers_are_not_the_contract(env: Env, safe: Safe) -> None:
    prediction = safe.prediction()
    strangers = [env.stranger.key, env.keeper.key]
    with refuses(env, InvalidSignature(safe.address, ZERO)):
        env.execute(prediction, safe.sign(prediction, strangers))


def test_what_it_agreed_to_is_for_one_prediction(env: Env, safe: Safe) -> None:
    signature = safe.sign(safe.prediction())
    with refuses(env, InvalidSignature(safe.address, ZERO)):
        env.execute(safe.prediction(), signature)


def test_and_once(env: Env, safe: Safe) -> None:
    prediction = safe.prediction()
    signature = safe.sign(prediction)
    env.execute(prediction, signature)
    with refuses(env, NonceUsed(safe.address, prediction.nonce)):
        env.execute(prediction, signature)


def test_an_owner_of_it_cannot_sign_as_if_it_were_the_contract(env: Env, safe: Safe) -> None:
    prediction = safe.prediction()
    signature = sign_prediction(prediction, OWNERS[0], env.chain.chain_id, env.diamond)
    with refuses(env, InvalidSignature(safe.address, ZERO)):
        env.execute(prediction, signature)


def test_a_contract_that_knows_no_signatures_agrees_to_nothing(env: Env) -> None:
    env.owner.send("setEngine", env.quote, env.now + DAY)
    prediction = env.prediction(engine=env.quote)
    with refuses(env, InvalidSignature(env.quote, ZERO)):
        env.execute(prediction, env.sign(prediction))


def test_an_account_with_delegated_code_still_signs_with_its_key(env: Env) -> None:
    """EIP-7702 gives accounts code, which need not know of signatures."""
    key = account("delegated engine")
    code = env.chain.code(env.quote)
    put_code(env.chain, key.address, code)
    assert env.chain.code(key.address)
    env.owner.send("setEngine", key.address, env.now + DAY)
    prediction = env.prediction(engine=key.address, model_id=env.register(6, key.address))
    signature = sign_prediction(prediction, key, env.chain.chain_id, env.diamond)
    assert env.execute(prediction, signature)["engine"] == key.address
