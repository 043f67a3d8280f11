"""What it takes to upgrade one facet: its deployment, and the cut that replaces its functions."""

from __future__ import annotations

from dataclasses import replace

from macrostrike.build import Contract, ours
from macrostrike.deploy import complete, prepare
from macrostrike.testing import World

from ..targets import strikes_alone

FACET = "StrikeBotFacet"  # the largest

# Returns what follows it as the code of the contract.
_CREATION = "61{:04x}80600a3d393df3"


def upgrade_gas(world: World) -> int:
    """Gas of all transactions of an upgrade of `FACET`."""
    owner = world.owner
    deployment = prepare(
        world.transport,
        strikes_alone(),
        deployer=owner.address,
        network=world.manifest.network,
        name=world.manifest.name,
        manifest=world.manifest,
        upgrade=True,
        compiled=lambda name: _changed(ours(name)) if name == FACET else ours(name),
    )
    receipts = complete(deployment, {owner.address: owner}).receipts
    return sum(receipt.gas_used for receipt in receipts)


def _changed(facet: Contract) -> Contract:
    """The facet with one byte more, which is never reached."""
    runtime = facet.runtime + b"\x00"
    creation = bytes.fromhex(_CREATION.format(len(runtime))) + runtime
    return replace(facet, creation=creation, runtime=runtime)
