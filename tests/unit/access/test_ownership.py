"""Ownership in two steps."""

from __future__ import annotations

from macrostrike.abi import diamond_abi
from macrostrike.errors import NotOwner, NotPendingOwner

from ..environment import ZERO, Env, event
from ..readers import refuses


def test_an_offer_changes_no_owner_yet(env: Env) -> None:
    owner, successor = env.owner, env.successor
    assert owner.send("transferOwnership", successor.address) == [
        event("OwnershipTransferStarted", owner=owner.address, pending_owner=successor.address)
    ]
    assert env.read("owner") == owner.address
    assert env.read("pendingOwner") == successor.address


def test_accepting_makes_the_successor_owner(env: Env) -> None:
    owner, successor = env.owner, env.successor
    owner.send("transferOwnership", successor.address)
    assert successor.send("acceptOwnership") == [
        event("OwnershipTransferred", previous_owner=owner.address, new_owner=successor.address)
    ]
    assert env.read("owner") == successor.address
    assert env.read("pendingOwner") == ZERO
    with refuses(env, NotOwner(owner.address, successor.address)):
        owner.send("unpause")
    with refuses(env, NotPendingOwner(successor.address, ZERO)):
        successor.send("acceptOwnership")


def test_a_later_offer_replaces_an_earlier_one(env: Env) -> None:
    env.owner.send("transferOwnership", env.successor.address)
    env.owner.send("transferOwnership", env.stranger.address)
    with refuses(env, NotPendingOwner(env.successor.address, env.stranger.address)):
        env.successor.send("acceptOwnership")
    env.stranger.send("acceptOwnership")
    assert env.read("owner") == env.stranger.address


def test_offering_to_no_one_withdraws_the_offer(env: Env) -> None:
    env.owner.send("transferOwnership", env.successor.address)
    assert env.owner.send("transferOwnership", ZERO) == [
        event("OwnershipTransferStarted", owner=env.owner.address, pending_owner=ZERO)
    ]
    with refuses(env, NotPendingOwner(env.successor.address, ZERO)):
        env.successor.send("acceptOwnership")


def test_the_constructor_names_the_first_owner(env: Env) -> None:
    first = env.chain.logs(env.diamond)[0]
    assert diamond_abi().decode_event(first.topics, first.data) == event(
        "OwnershipTransferred", previous_owner=ZERO, new_owner=env.owner.address
    )
