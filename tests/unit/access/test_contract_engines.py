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
from ..readers import refuses
from ..scene import DAY, ZERO, Scene, account, npm

_SAFE = "@safe-global/safe-contracts/build/artifacts/contracts"
SAFE = npm(f"{_SAFE}/Safe.sol/Safe.json")
FACTORY = npm(f"{_SAFE}/proxies/SafeProxyFactory.sol/SafeProxyFactory.json")
HANDLER = npm(f"{_SAFE}/handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json")
OWNERS = sorted(
    (account("safe owner 1"), account("safe owner 2")), key=lambda key: int(key.address, 16)
)


@dataclass(frozen=True)
class Safe:
    scene: Scene
    address: str

    def prediction(self) -> Prediction:
        return self.scene.prediction(engine=self.address, model_id=6)

    def sign(self, prediction: Prediction, owners: Sequence[LocalAccount] = OWNERS) -> bytes:
        """What the Safe's owners sign for it to agree: the Safe's own digest of ours."""
        scene = self.scene
        digest = prediction_digest(prediction, scene.chain.chain_id, scene.diamond)
        wrapped = scene.ask(
            HANDLER.abi, self.address, "getMessageHashForSafe", self.address, digest
        )
        return b"".join(bytes(key.unsafe_sign_hash(wrapped).signature) for key in owners)


@pytest.fixture
def safe(scene: Scene) -> Safe:
    singleton, factory, handler = (scene.deploy(part) for part in (SAFE, FACTORY, HANDLER))
    owners = [key.address for key in OWNERS]
    setup = SAFE.abi.encode_call("setup", owners, 2, ZERO, b"", handler, ZERO, 0, ZERO)
    arguments = (singleton, setup, 0)
    address = scene.ask(FACTORY.abi, factory, "createProxyWithNonce", *arguments)
    scene.tell(scene.keeper.key, FACTORY.abi, factory, "createProxyWithNonce", *arguments)
    scene.owner.send("setEngine", address, scene.now + DAY)
    scene.register(6, address)
    return Safe(scene, address)


def test_what_the_contract_agrees_to_is_signed(scene: Scene, safe: Safe) -> None:
    prediction = safe.prediction()
    opened = scene.execute(prediction, safe.sign(prediction))
    assert opened["engine"] == safe.address
    assert scene.read("getEngine", safe.address)[1] == prediction.nonce


def test_too_few_of_its_owners_are_not_the_contract(scene: Scene, safe: Safe) -> None:
    prediction = safe.prediction()
    with refuses(scene, InvalidSignature(safe.address, ZERO)):
        scene.execute(prediction, safe.sign(prediction, OWNERS[:1]))


def test_strangers_are_not_the_contract(scene: Scene, safe: Safe) -> None:
    prediction = safe.prediction()
    strangers = [scene.stranger.key, scene.keeper.key]
    with refuses(scene, InvalidSignature(safe.address, ZERO)):
        scene.execute(prediction, safe.sign(prediction, strangers))


def test_what_it_agreed_to_is_for_one_prediction(scene: Scene, safe: Safe) -> None:
    signature = safe.sign(safe.prediction())
    with refuses(scene, InvalidSignature(safe.address, ZERO)):
        scene.execute(safe.prediction(), signature)


def test_and_once(scene: Scene, safe: Safe) -> None:
    prediction = safe.prediction()
    signature = safe.sign(prediction)
    scene.execute(prediction, signature)
    with refuses(scene, NonceUsed(safe.address, prediction.nonce)):
        scene.execute(prediction, signature)


def test_an_owner_of_it_cannot_sign_as_if_it_were_the_contract(scene: Scene, safe: Safe) -> None:
    prediction = safe.prediction()
    signature = sign_prediction(prediction, OWNERS[0], scene.chain.chain_id, scene.diamond)
    with refuses(scene, InvalidSignature(safe.address, ZERO)):
        scene.execute(prediction, signature)


def test_a_contract_that_knows_no_signatures_agrees_to_nothing(scene: Scene) -> None:
    scene.owner.send("setEngine", scene.quote, scene.now + DAY)
    prediction = scene.prediction(engine=scene.quote)
    with refuses(scene, InvalidSignature(scene.quote, ZERO)):
        scene.execute(prediction, scene.sign(prediction))


def test_an_account_with_delegated_code_still_signs_with_its_key(scene: Scene) -> None:
    """EIP-7702 gives accounts code, which need not know of signatures."""
    key = account("delegated engine")
    code = scene.chain.code(scene.quote)
    put_code(scene.chain, key.address, code)
    assert scene.chain.code(key.address)
    scene.owner.send("setEngine", key.address, scene.now + DAY)
    prediction = scene.prediction(engine=key.address, model_id=scene.register(6, key.address))
    signature = sign_prediction(prediction, key, scene.chain.chain_id, scene.diamond)
    assert scene.execute(prediction, signature)["engine"] == key.address
