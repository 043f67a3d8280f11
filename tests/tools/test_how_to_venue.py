"""What a venue costs: docs/how-to/add-a-venue.md lists the files, and here one is added."""

from __future__ import annotations

import re

import pytest

from tools._solc import ROOT, solidity_files

from .copies import Copy, assert_as_listed

pytestmark = pytest.mark.long

LADDER = "contracts/libraries/venues/LibVenue.sol"
MODEL = '''"""Equal worth: what comes in goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from macrostrike.arbitrage.pools.constant_product import ConstantProductPool


@dataclass(frozen=True, slots=True)
class NewPool(ConstantProductPool):
    """A pool that takes a fee of 5 %."""

    fee: int = 50_000
    swap_gas: ClassVar[int] = 70_000
    lends_first: ClassVar[bool] = False
'''
SPEC = '''"""A new venue."""

from __future__ import annotations

from collections.abc import Sequence

from macrostrike.arbitrage._block import Block
from macrostrike.arbitrage._errors import Excluded
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.arbitrage.pools.newvenue import NewPool
from macrostrike.arbitrage.venues._spec import BY_PAIR, Scope, VenueSpec
from macrostrike.types import Pool as Registered
from macrostrike.types import Venue


def _read(block: Block, pools: Sequence[Registered], scope: Scope) -> list[Pool | Excluded]:
    answers = block.ask([(pool.pool, "getReserves", ()) for pool in pools])
    return [
        NewPool(pool.pool, (pool.token0, pool.token1), reserves[:2])
        for pool, reserves in zip(pools, answers, strict=True)
    ]


NEW_VENUE = VenueSpec(
    venue=Venue.NEW_VENUE,
    model=NewPool,
    read=_read,
    naming=BY_PAIR,
    contracts=("IUniswapV2Pair",),
    leading={"getReserves": 2},
)
'''
LIBRARY = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hop} from "../../types/AmmTypes.sol";
import {LibToken} from "./LibToken.sol";

/// @notice The part of a pool that is needed here.
interface INewPool {
    function reserves() external view returns (uint256 reserve0, uint256 reserve1);

    function exchange(bool zeroForOne, address to) external returns (uint256 amountOut);
}

/// @title Pools of equal worth, which are paid first
library NewVenue {
    function swap(Hop memory hop, uint256 amount, address to) internal returns (uint256) {
        LibToken.transfer(hop.tokenIn, hop.pool, amount);
        return INewPool(hop.pool).exchange(hop.zeroForOne, to);
    }

    function quote(Hop memory hop, uint256 amount) internal view returns (uint256) {
        (uint256 a, uint256 b) = curve(hop);
        return b * amount / (a + amount);
    }

    function curve(Hop memory hop) internal view returns (uint256 a, uint256 b) {
        (a, b) = INewPool(hop.pool).reserves();
        if (!hop.zeroForOne) (a, b) = (b, a);
    }
}
"""
USE = """
from dataclasses import fields
from types import SimpleNamespace

from eth_abi.abi import encode
from macrostrike.arbitrage import VENUES, NewPool, read_pools
from macrostrike.deploy import parse_target
from macrostrike.deploy.target import TARGETS
from macrostrike.types import Pool, Venue

one, two = (f"0x{n:040x}" for n in (1, 2))
text = (TARGETS / "local.yaml").read_text()
factory = f"  new: {{address: '{one}', venue: NewVenue}}\\n"
text = text.replace("factories:\\n", "factories:\\n" + factory)
row = f"    - {{factory: new, pool: '{two}', token0: USDC, token1: WETH}}\\n"
target = parse_target(text.replace("  pools:\\n", "  pools:\\n" + row))
print(target.factories["new"].venue, VENUES[Venue.NEW_VENUE].naming.identify(SimpleNamespace(
    pool=two, token0=one, token1=two)) == (two, one, two))

values = {field.name: 0 for field in fields(Pool)}
values |= dict(pool=two, token0=one, token1=two, factory=one, hooks=one)
pool = Pool(**values | dict(venue=Venue.NEW_VENUE, registered=True, pool_id=bytes(32)))
reserves = encode(["uint112", "uint112", "uint32"], [10**9, 10**9, 0])
transport = SimpleNamespace(
    block=lambda: None, call_many=lambda calls, block: [reserves] * len(calls)
)
(read,), excluded = read_pools(transport, [pool])
print(type(read) is NewPool, read.lends_first, read.amount_out(one, two, 1000), excluded)
"""


def test_one_file_of_the_contracts_asks_for_the_venue() -> None:
    asks = [
        str(path.relative_to(ROOT))
        for path in solidity_files()
        if re.search(r"\bVenue\.[A-Z]", path.read_text())
    ]
    assert asks == [LADDER]


def test_a_venue_is_one_new_file_and_two_in_solidity(copy: Copy) -> None:
    add_venue(copy)
    assert_as_listed("add-a-venue", copy.changed, ("contracts/",))
    assert len(copy.changed) == 3
    copy.compile("contracts/facets/AMMBotFacet.sol", "contracts/facets/PoolsFacet.sol")


def add_venue(copy: Copy) -> None:
    """A venue that arbitrages use, and that pays out after it is paid."""
    types = "contracts/types/MarketTypes.sol"
    copy.edit(types, "    BalancerStable\n}", "    BalancerStable,\n    NewVenue\n}")
    copy.add("contracts/libraries/venues/NewVenue.sol", LIBRARY)
    copy.insert(LADDER, "import {UniswapV2}", 'import {NewVenue} from "./NewVenue.sol";\n')
    is_new = "venue == Venue.NewVenue"
    copy.edit(LADDER, "return !_isBalancer(venue);", f"return !_isBalancer(venue) && !({is_new});")
    copy.edit(LADDER, "|| _isBalancer(venue);", f"|| _isBalancer(venue) || {is_new};")
    for before, line in (
        ("else BalancerV2.describe", f"else if ({is_new}) return;\n        "),
        (
            "return BalancerV2.swap(",
            f"if (hop.{is_new}) return NewVenue.swap(hop, amount, to);\n        ",
        ),
        (
            "return BalancerV2.quote(",
            f"if (hop.{is_new}) return NewVenue.quote(hop, amount);\n        ",
        ),
        (
            "else (a, b, fee) = UniswapV4",
            f"else if (hop.{is_new}) (a, b) = NewVenue.curve(hop);\n        ",
        ),
    ):
        copy.insert(LADDER, before, line)


def test_a_venue_is_two_new_files_and_two_lines_in_python(copy: Copy) -> None:
    add_venue(copy)
    solidity = set(copy.changed)
    copy.add("macrostrike/arbitrage/pools/newvenue.py", MODEL)
    copy.add("macrostrike/arbitrage/venues/newvenue.py", SPEC)
    venues = "macrostrike/arbitrage/venues/__init__.py"
    copy.insert(
        venues,
        "from macrostrike.arbitrage.venues.uniswap_v2",
        "from macrostrike.arbitrage.venues.newvenue import NEW_VENUE\n",
    )
    copy.edit(venues, "for spec in (", "for spec in (NEW_VENUE, ")
    arbitrage = "macrostrike/arbitrage/__init__.py"
    copy.insert(arbitrage, '    ".pools.stable"', '    ".pools.newvenue": ("NewPool",),\n')
    assert_as_listed("add-a-venue", copy.changed - solidity, ("macrostrike/",))
    assert len(copy.changed - solidity) == 4

    copy.generate()
    assert copy.prints(USE) == ["NewVenue True", "True False 949 []"]
