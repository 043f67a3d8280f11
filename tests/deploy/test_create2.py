"""The deterministic-deployment proxy, and code compared without what does not matter."""

from __future__ import annotations

import pytest
from eth_account import Account

from ape_diamond import masked
from macrostrike.build import (
    PROXY,
    PROXY_COST,
    PROXY_CREATOR,
    PROXY_RUNTIME,
    PROXY_TRANSACTION,
    create2_address,
    created_address,
    ours,
)
from macrostrike.chain import AnvilTransport, RevmTransport, start_anvil
from macrostrike.deploy import DeployError
from macrostrike.deploy.run import ensure_proxy


def test_the_proxy_is_the_one_that_anvil_has(anvil_url: str) -> None:
    assert AnvilTransport(anvil_url).code(PROXY) == PROXY_RUNTIME


def test_the_proxys_transaction_is_its_creators() -> None:
    assert Account.recover_transaction(PROXY_TRANSACTION) == PROXY_CREATOR
    assert created_address(PROXY_CREATOR, 0) == PROXY


def test_local_chains_get_the_proxy() -> None:
    chain = RevmTransport()
    ensure_proxy(chain)
    ensure_proxy(chain)
    assert chain.code(PROXY) == PROXY_RUNTIME
    assert chain.block_number() == 1
    with start_anvil("--disable-default-create2-deployer") as url:
        node = AnvilTransport(url)
        assert not node.code(PROXY)
        ensure_proxy(node)
        assert node.code(PROXY) == PROXY_RUNTIME


def test_other_chains_are_said_how_to_get_it() -> None:
    chain = RevmTransport(chain_id=5)
    with pytest.raises(DeployError, match=f"not at {PROXY} on chain 5.*0.01 ether") as refused:
        ensure_proxy(chain)
    assert PROXY_TRANSACTION.hex() in str(refused.value)
    assert PROXY_COST == 10**16
    assert chain.block_number() == 0


@pytest.mark.parametrize("salt", [bytes(32), b"\x01" * 32])
def test_addresses_are_where_the_proxy_creates(salt: bytes) -> None:
    chain = RevmTransport()
    ensure_proxy(chain)
    code = ours("DiamondProbeFacet").create(3)
    assert create2_address(salt, code).lower() == "0x" + chain.call(PROXY, salt + code).hex()


def test_metadata_is_masked_and_nothing_else() -> None:
    code = ours("AccessFacet").runtime
    bare = masked(code)
    assert code.startswith(bare)
    assert 40 < len(code) - len(bare) < 80
    assert b"ipfs" not in bare
    # Twice is once: what is left ends with no metadata.
    assert masked(bare) == bare


@pytest.mark.parametrize("code", [b"", b"\x00", b"\x60\x00", b"\x01\x02\x03\x00\x01", b"\xff" * 40])
def test_code_without_metadata_stays_whole(code: bytes) -> None:
    assert masked(code) == code


def test_immutables_are_masked() -> None:
    assert masked(bytes(range(1, 11)), [(1, 2), (8, 1)]) == bytes([1, 0, 0, 4, 5, 6, 7, 8, 0, 10])
