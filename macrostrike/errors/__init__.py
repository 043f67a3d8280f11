"""Everything that MacroStrike raises.

`MacroStrikeError` is the root. `ContractError` and those under it are what the chain reverts with:
one class for each custom error of the diamond, with the name and the fields that it has in the ABI,
generated from the contracts' interfaces. `macrostrike.reverts` makes them of revert data. The rest
is what goes wrong on this side: nodes, manifests, keys, values.
"""

from __future__ import annotations

from macrostrike._generated import errors as _contract
from macrostrike._generated.errors import *
from macrostrike._roots import (
    CONTRACT_ERRORS,
    AccessError,
    ConfigError,
    ContractError,
    CutError,
    GateError,
    MacroStrikeError,
    SwapError,
    TreasuryError,
)
from macrostrike.errors import _client, _solidity
from macrostrike.errors._client import *
from macrostrike.errors._solidity import *

__all__ = [
    "CONTRACT_ERRORS",
    "AccessError",
    "ConfigError",
    "ContractError",
    "CutError",
    "GateError",
    "MacroStrikeError",
    "SwapError",
    "TreasuryError",
]
__all__ += _contract.__all__
__all__ += _client.__all__
__all__ += _solidity.__all__
