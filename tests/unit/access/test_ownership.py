"""Ownership in two steps."""

from __future__ import annotations

from macrostrike.abi import diamond_abi
from macrostrike.errors import NotOwner, NotPendingOwner

from ..readers import refuses
from ..scene import ZERO, Scene, event


def test_an_offer_changes_no_owner_yet(scene: Scene) -> None:
    owner, successor = scene.owner, scene.successor
    assert owner.send("transferOwnership", successor.address) == [
        event("OwnershipTransferStarted", owner=owner.address, pending_owner=successor.address)
    ]
    assert scene.read("owner") == owner.address
    assert scene.read("pendingOwner") == successor.address


def test_accepting_makes_the_successor_owner(scene: Scene) -> None:
    owner, successor = scene.owner, scene.successor
    owner.send("transferOwnership", successor.address)
    assert successor.send("acceptOwnership") == [
        event("OwnershipTransferred", previous_owner=owner.address, new_owner=successor.address)
    ]
    assert scene.read("owner") == successor.address
    assert scene.read("pendingOwner") == ZERO
    with refuses(scene, NotOwner(owner.address, successor.address)):
        owner.send("unpause")
    with refuses(scene, NotPendingOwner(successor.address, ZERO)):
        successor.send("acceptOwnership")


def test_a_later_offer_replaces_an_earlier_one(scene: Scene) -> None:
    scene.owner.send("transferOwnership", scene.successor.address)
    scene.owner.send("transferOwnership", scene.stranger.address)
    with refuses(scene, NotPendingOwner(scene.successor.address, scene.stranger.address)):
        scene.successor.send("acceptOwnership")
    scene.stranger.send("acceptOwnership")
    assert scene.read("owner") == scene.stranger.address


def test_offering_to_nobody_withdraws_the_offer(scene: Scene) -> None:
    scene.owner.send("transferOwnership", scene.successor.address)
    assert scene.owner.send("transferOwnership", ZERO) == [
        event("OwnershipTransferStarted", owner=scene.owner.address, pending_owner=ZERO)
    ]
    with refuses(scene, NotPendingOwner(scene.successor.address, ZERO)):
        scene.successor.send("acceptOwnership")


def test_the_constructor_names_the_first_owner(scene: Scene) -> None:
    first = scene.chain.logs(scene.diamond)[0]
    assert diamond_abi().decode_event(first.topics, first.data) == event(
        "OwnershipTransferred", previous_owner=ZERO, new_owner=scene.owner.address
    )
