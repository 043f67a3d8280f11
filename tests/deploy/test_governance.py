"""A diamond owned by a real Safe, by a real OpenZeppelin timelock, and by a Safe through one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from macrostrike.abi import diamond_abi
from macrostrike.build import Contract, npm, ours
from macrostrike.chain import Receipt, Reverted
from macrostrike.deploy import (
    DeployError,
    OperationState,
    OwnerCall,
    OwnerKind,
    Safe,
    SafeTransaction,
    SignaturesMissing,
    Timelock,
    operation_state,
    owner_calls,
    owner_kind,
    read_safe,
    read_timelock,
    safe_batch,
    safe_transaction,
    timelock_operation,
)
from macrostrike.deploy.owner import MULTI_SEND, batch_checksum
from macrostrike.deploy.plan import Step
from macrostrike.devchain import local_account
from macrostrike.testing import World
from macrostrike.types import FacetCut, FacetCutAction

from .support import STRANGER, ask, tell

ZERO = "0x" + "00" * 20
HOUR = 3600
ARTIFACTS = "@safe-global/safe-contracts/build/artifacts/contracts"
SIGNERS = [local_account(index) for index in (11, 12, 13)]
PROPOSER, EXECUTOR = local_account(14), local_account(15)


def salt(number: int) -> bytes:
    return number.to_bytes(32, "big")


def create(world: World, contract: Contract, *args: Any) -> str:
    created = world.transport.send(world.owner, None, contract.create(*args)).contract_address
    assert created is not None
    return created


def send(world: World, signer: LocalAccount, call: OwnerCall) -> Receipt:
    return world.transport.send(signer, call.to, call.data, value=call.value)


def call_of(world: World, function: str, *args: Any) -> OwnerCall:
    data = diamond_abi().encode_call(function, *args)
    return OwnerCall(world.diamond, data, does=function)


def new_safe(world: World) -> Safe:
    """Two of three, through the factory, as Safe's UI makes them."""
    singleton = create(world, npm(f"{ARTIFACTS}/Safe.sol/Safe.json"))
    factory = npm(f"{ARTIFACTS}/proxies/SafeProxyFactory.sol/SafeProxyFactory.json")
    at = create(world, factory)
    owners = [signer.address for signer in SIGNERS]
    setup = npm(f"{ARTIFACTS}/Safe.sol/Safe.json").abi.encode_call(
        "setup", owners, 2, ZERO, b"", ZERO, ZERO, 0, ZERO
    )
    data = factory.abi.encode_call("createProxyWithNonce", singleton, setup, 1)
    receipt = world.transport.send(world.owner, at, data)
    created = factory.abi.decode_event(receipt.logs[-1].topics, receipt.logs[-1].data)
    assert created is not None
    return read_safe(world.transport, created.args["proxy"])


def multi_send(world: World) -> str:
    return create(world, npm(f"{ARTIFACTS}/libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json"))


def signed(transaction: SafeTransaction, signers: Sequence[LocalAccount]) -> OwnerCall:
    return transaction.execution({signer.address: transaction.sign(signer) for signer in signers})


def do(world: World, safe: str, *calls: OwnerCall) -> Receipt:
    """The calls, signed by the first and the last owner, sent by a stranger to all of it."""
    now = read_safe(world.transport, safe)
    via = multi_send(world) if len(calls) > 1 else MULTI_SEND
    transaction = safe_transaction(now, calls, multi_send=via)
    return send(world, world.guardian, signed(transaction, [SIGNERS[2], SIGNERS[0]]))


def new_timelock(world: World, proposer: str) -> Timelock:
    built = npm("@openzeppelin/contracts/build/contracts/TimelockController.json")
    at = create(world, built, HOUR, [proposer], [EXECUTOR.address], ZERO)
    for account in (PROPOSER, EXECUTOR):
        world.transport.set_balance(account.address, 10**20)
    return read_timelock(world.transport, at)


def upgrade(world: World) -> tuple[OwnerCall, str, tuple[bytes, ...]]:
    """The score's facet replaced by one that was built with other, unused bytes behind it."""
    built = ours("ScoreFacet")
    facet = create(world, replace(built, creation=built.creation + b"\0"))
    entry = world.manifest.facets["ScoreFacet"]
    assert facet != entry.address
    names = tuple(bytes.fromhex(selector[2:]) for selector in entry.selectors)
    cut = FacetCut(facet, FacetCutAction.REPLACE, names)
    return call_of(world, "diamondCut", [cut], ZERO, b""), facet, names


def refusal(world: World, signer: LocalAccount, call: OwnerCall) -> bytes:
    """What a call is refused with; nothing may be changed by it."""
    state = ask(world, "owner"), ask(world, "threshold"), ask(world, "facets")
    with pytest.raises(Reverted) as refused:
        send(world, signer, call)
    assert (ask(world, "owner"), ask(world, "threshold"), ask(world, "facets")) == state
    return refused.value.data


def reason(data: bytes) -> str:
    """The text of an `Error(string)`."""
    decoded = diamond_abi().decode_error(data)
    assert decoded is not None
    return str(decoded[1][0])


# --- What a plan asks of its owner ----------------------------------------------------------------


def test_the_owners_part_of_a_plan() -> None:
    first = Step("create a facet", PROPOSER.address, ZERO, "constructor", b"\1")
    second = Step("cut", STRANGER, ZERO, "diamondCut", b"\2")
    assert owner_calls([first, second], STRANGER) == (OwnerCall(ZERO, b"\2", does="cut"),)
    with pytest.raises(DeployError, match=r"step 2, create a facet, is for .* to send, after"):
        owner_calls([second, first], STRANGER)


def test_what_an_owner_is(world: World) -> None:
    chain = world.transport
    safe, timelock = new_safe(world), new_timelock(world, PROPOSER.address)
    assert owner_kind(chain, world.owner.address) is OwnerKind.EOA
    assert owner_kind(chain, safe.address) is OwnerKind.SAFE
    assert owner_kind(chain, timelock.address) is OwnerKind.TIMELOCK
    assert owner_kind(chain, world.diamond) is OwnerKind.OTHER
    with pytest.raises(DeployError, match=r"is no Safe: it does not answer VERSION\(\)"):
        read_safe(chain, world.diamond)
    with pytest.raises(DeployError, match="is no timelock"):
        read_timelock(chain, safe.address)


# --- Safe -----------------------------------------------------------------------------------------


def test_a_safe_takes_over_upgrades_and_configures(world: World) -> None:
    safe = new_safe(world)
    assert (safe.version, safe.threshold, safe.nonce) == ("1.4.1", 2, 0)
    assert set(safe.owners) == {signer.address for signer in SIGNERS}
    tell(world, world.owner, "transferOwnership", safe.address)
    assert ask(world, "owner") == world.owner.address
    do(world, safe.address, call_of(world, "acceptOwnership"))
    assert ask(world, "owner") == safe.address

    cut, facet, names = upgrade(world)
    before = ask(world, "getStrikeStats")
    receipt = do(world, safe.address, cut, call_of(world, "setThreshold", 9500))
    assert {ask(world, "facetAddress", name) for name in names} == {facet}
    assert ask(world, "getStrikeStats") == before
    assert ask(world, "threshold") == 9500
    logs = [log for log in receipt.logs if log.address == world.diamond]
    events = [diamond_abi().decode_event(log.topics, log.data) for log in logs]
    assert [event and event.name for event in events] == ["DiamondCut", "ThresholdSet"]
    assert read_safe(world.transport, safe.address).nonce == 2


def owned_by_safe(world: World) -> Safe:
    safe = new_safe(world)
    tell(world, world.owner, "transferOwnership", safe.address)
    do(world, safe.address, call_of(world, "acceptOwnership"))
    return read_safe(world.transport, safe.address)


def test_too_few_signatures_are_refused_here_and_by_the_safe(world: World) -> None:
    safe = owned_by_safe(world)
    transaction = safe_transaction(safe, [call_of(world, "setThreshold", 9400)])
    with pytest.raises(
        SignaturesMissing, match=f"needs 2 signatures; signed have {SIGNERS[0].address}"
    ):
        signed(transaction, SIGNERS[:1])
    with pytest.raises(DeployError, match=f"{PROPOSER.address} signed, but owns no part"):
        signed(transaction, [SIGNERS[0], PROPOSER])
    # The same, without asking this side.
    lax = replace(transaction, safe=replace(safe, threshold=1))
    assert reason(refusal(world, world.guardian, signed(lax, SIGNERS[:1]))) == "GS020"
    everyone = (*safe.owners, PROPOSER.address)
    lax = replace(transaction, safe=replace(safe, owners=everyone))
    assert reason(refusal(world, world.guardian, signed(lax, [SIGNERS[0], PROPOSER]))) == "GS026"


def test_what_was_signed_counts_once_and_for_nothing_else(world: World) -> None:
    safe = owned_by_safe(world)
    transaction = safe_transaction(safe, [call_of(world, "setThreshold", 9400)])
    signatures = {signer.address: transaction.sign(signer) for signer in SIGNERS}
    other = replace(transaction, data=call_of(world, "setThreshold", 9999).data)
    assert reason(refusal(world, world.guardian, other.execution(signatures))) == "GS026"
    send(world, world.guardian, transaction.execution(signatures))
    assert ask(world, "threshold") == 9400
    assert reason(refusal(world, world.guardian, transaction.execution(signatures))) == "GS026"


def test_a_batch_is_done_whole_or_not_at_all(world: World) -> None:
    safe = owned_by_safe(world)
    good, bad = call_of(world, "setThreshold", 9400), call_of(world, "setThreshold", 9200)
    transaction = safe_transaction(safe, [good, bad], multi_send=multi_send(world))
    assert reason(refusal(world, world.guardian, signed(transaction, SIGNERS))) == "GS013"
    with pytest.raises(DeployError, match="nothing for the Safe to do"):
        safe_transaction(safe, [])


def test_the_digest_is_the_safes_own(world: World) -> None:
    safe = new_safe(world)
    transaction = safe_transaction(safe, [call_of(world, "setThreshold", 9400)])
    abi = npm(f"{ARTIFACTS}/Safe.sol/Safe.json").abi
    fields = (transaction.to, transaction.value, transaction.data, transaction.operation)
    data = abi.encode_call("getTransactionHash", *fields, 0, 0, 0, ZERO, ZERO, safe.nonce)
    answer = world.transport.call(safe.address, data)
    assert abi.decode_result("getTransactionHash", answer) == transaction.digest()


def test_the_batch_file_of_the_transaction_builder() -> None:
    calls = [
        OwnerCall(STRANGER.lower(), b"\x12\x34", does="cut"),
        OwnerCall(ZERO, b"", value=5, does="pay"),
    ]
    batch = safe_batch(
        calls,
        safe=PROPOSER.address.lower(),
        chain_id=11155111,
        name="Upgrade",
        created_at=datetime(2025, 1, 2, tzinfo=timezone.utc),
    )
    assert (batch["version"], batch["chainId"], batch["createdAt"]) == (
        "1.0",
        "11155111",
        1735776000000,
    )
    assert batch["meta"]["name"] == "Upgrade"
    assert batch["meta"]["description"] == "1. cut\n2. pay"
    assert batch["meta"]["createdFromSafeAddress"] == PROPOSER.address
    assert [(each["to"], each["value"], each["data"]) for each in batch["transactions"]] == [
        (STRANGER, "0", "0x1234"),
        (ZERO, "5", "0x"),
    ]
    assert batch["meta"]["checksum"] == batch_checksum(batch)
    renamed = {**batch, "meta": {**batch["meta"], "name": "Other"}}
    assert batch_checksum(renamed) == batch["meta"]["checksum"]
    changed = {**batch, "transactions": batch["transactions"][:1]}
    assert batch_checksum(changed) != batch["meta"]["checksum"]


def test_the_checksum_is_that_of_safes_ui() -> None:
    # A file that Safe's UI has written.
    inputs = [
        {"internalType": "address", "name": "spender", "type": "address"},
        {"internalType": "uint256", "name": "value", "type": "uint256"},
    ]
    batch = {
        "version": "1.0",
        "chainId": "1",
        "createdAt": 1761326849944,
        "meta": {
            "name": "Transactions Batch",
            "description": "",
            "txBuilderVersion": "1.18.2",
            "createdFromSafeAddress": "0xA77DE01e157f9f57C7c4A326eeE9C4874D0598b6",
            "createdFromOwnerAddress": "",
        },
        "transactions": [
            {
                "to": "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
                "value": "0",
                "data": None,
                "contractMethod": {"inputs": inputs, "name": "approve", "payable": False},
                "contractInputsValues": {
                    "spender": "0x474e5Ded6b5D078163BFB8F6dBa355C3aA5478C8",
                    "value": "100000000000",
                },
            }
        ],
    }
    expected = "0x8b5032f716845c8b08bab3d63dbd9ba92e056f3557793cd041e59b84e16aa989"
    assert batch_checksum(batch) == expected


# --- Timelock -------------------------------------------------------------------------------------


def owned_by_timelock(world: World) -> Timelock:
    timelock = new_timelock(world, PROPOSER.address)
    tell(world, world.owner, "transferOwnership", timelock.address)
    accept = timelock_operation(timelock, [call_of(world, "acceptOwnership")], salt=salt(0))
    send(world, PROPOSER, accept.schedule())
    world.transport.mine(HOUR)
    send(world, EXECUTOR, accept.execute())
    return timelock


def error_of(data: bytes) -> str:
    built = npm("@openzeppelin/contracts/build/contracts/TimelockController.json")
    decoded = built.abi.decode_error(data)
    assert decoded is not None
    return decoded[0]


def test_a_timelock_takes_over_upgrades_and_configures_when_its_time_has_come(
    world: World,
) -> None:
    chain = world.transport
    timelock = owned_by_timelock(world)
    assert ask(world, "owner") == timelock.address
    cut, facet, names = upgrade(world)
    operation = timelock_operation(
        timelock, [cut, call_of(world, "setThreshold", 9500)], salt=salt(1)
    )
    assert operation_state(chain, operation) == (OperationState.UNKNOWN, None)
    announced = send(world, PROPOSER, operation.schedule())
    ready_at = announced.timestamp + HOUR
    assert operation_state(chain, operation) == (OperationState.WAITING, ready_at)
    early = refusal(world, EXECUTOR, operation.execute())
    assert error_of(early) == "TimelockUnexpectedOperationState"

    chain.mine(ready_at - chain.timestamp())
    assert operation_state(chain, operation) == (OperationState.READY, ready_at)
    send(world, EXECUTOR, operation.execute())
    assert {ask(world, "facetAddress", name) for name in names} == {facet}
    assert ask(world, "threshold") == 9500
    assert operation_state(chain, operation) == (OperationState.DONE, None)
    again = refusal(world, EXECUTOR, operation.execute())
    assert error_of(again) == "TimelockUnexpectedOperationState"


def test_delays_roles_and_order_are_kept(world: World) -> None:
    timelock = owned_by_timelock(world)
    first = timelock_operation(timelock, [call_of(world, "setThreshold", 9400)], salt=salt(1))
    then = timelock_operation(
        timelock, [call_of(world, "setThreshold", 9600)], salt=salt(2), predecessor=first.id
    )
    with pytest.raises(DeployError, match=r"a delay of 60 s is too short: .* asks for 3600 s"):
        first.schedule(60)
    lax = replace(first, timelock=replace(timelock, min_delay=0))
    assert error_of(refusal(world, PROPOSER, lax.schedule(60))) == "TimelockInsufficientDelay"
    unasked = refusal(world, world.owner, first.schedule())
    assert error_of(unasked) == "AccessControlUnauthorizedAccount"
    for operation in (first, then):
        send(world, PROPOSER, operation.schedule())
    world.transport.mine(HOUR)
    out_of_order = refusal(world, EXECUTOR, then.execute())
    assert error_of(out_of_order) == "TimelockUnexecutedPredecessor"
    unasked = refusal(world, world.owner, first.execute())
    assert error_of(unasked) == "AccessControlUnauthorizedAccount"
    send(world, EXECUTOR, first.execute())
    send(world, EXECUTOR, then.execute())
    assert ask(world, "threshold") == 9600


def test_a_cancelled_operation_is_forgotten(world: World) -> None:
    timelock = owned_by_timelock(world)
    operation = timelock_operation(timelock, [call_of(world, "setThreshold", 9400)], salt=salt(1))
    send(world, PROPOSER, operation.schedule())
    send(world, PROPOSER, operation.cancel())
    world.transport.mine(HOUR)
    assert operation_state(world.transport, operation) == (OperationState.UNKNOWN, None)
    refusal(world, EXECUTOR, operation.execute())


def test_what_no_timelock_could_take_is_refused_here() -> None:
    timelock = Timelock(ZERO, HOUR)
    with pytest.raises(DeployError, match="nothing for the timelock to do"):
        timelock_operation(timelock, [], salt=salt(1))
    with pytest.raises(DeployError, match="salt must have 32 bytes, not 1"):
        timelock_operation(timelock, [OwnerCall(ZERO, b"")], salt=b"1")


def test_a_safe_proposes_to_a_timelock(world: World) -> None:
    safe = new_safe(world)
    timelock = new_timelock(world, safe.address)
    tell(world, world.owner, "transferOwnership", timelock.address)
    operation = timelock_operation(
        timelock,
        [call_of(world, "acceptOwnership"), call_of(world, "setThreshold", 9700)],
        salt=salt(1),
    )
    do(world, safe.address, operation.schedule())
    world.transport.mine(HOUR)
    send(world, EXECUTOR, operation.execute())
    assert (ask(world, "owner"), ask(world, "threshold")) == (timelock.address, 9700)
