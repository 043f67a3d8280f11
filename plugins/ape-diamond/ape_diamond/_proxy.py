"""Whether a contract runs the code of another one, which may change."""

from __future__ import annotations

from eth_utils.crypto import keccak

from ape_diamond._values import checksummed
from ape_diamond.chain import Chain

# Of ERC-1967: where the implementation is, and the beacon that says where it is; then what came
# before it: ERC-1822, and OpenZeppelin's first proxies.
_SLOTS = (
    int.from_bytes(keccak(text="eip1967.proxy.implementation"), "big") - 1,
    int.from_bytes(keccak(text="eip1967.proxy.beacon"), "big") - 1,
    int.from_bytes(keccak(text="PROXIABLE"), "big"),
    int.from_bytes(keccak(text="org.zeppelinos.proxy.implementation"), "big"),
)


def implementation_of(chain: Chain, contract: str) -> str | None:
    """Where a proxy gets its code from, an implementation or a beacon; None for what is none.

    Knows ERC-1967, ERC-1822 and OpenZeppelin's first proxies, by their slots. A minimal proxy
    (ERC-1167) is none here: it never changes. A proxy that keeps the address anywhere else is not
    recognised.
    """
    if not chain.code(contract):
        return None
    for slot in _SLOTS:
        value = int.from_bytes(chain.storage(contract, slot), "big")
        if 0 < value < 1 << 160:
            return checksummed(f"0x{value:040x}")
    return None
