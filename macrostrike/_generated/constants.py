"""Constants of the contracts.

Written by `make build` from the contracts: change those, not this.
"""

from __future__ import annotations

__all__ = [
    "ACTION_ARBITRAGE",
    "ACTION_REBALANCE",
    "ACTION_SETTLE",
    "ACTION_STRIKE",
    "BOTS",
    "BOTS_PER_STRATEGY",
    "BPS",
    "DYNAMIC_FEE",
    "FEE_BASE",
    "MAX_AUCTION_SECONDS",
    "MAX_DEVIATION_BPS",
    "MAX_DISCOUNT_BPS",
    "MAX_HOPS",
    "MAX_HORIZON",
    "MAX_KEEPER_DELAY",
    "MAX_LOTS",
    "MAX_MODELS",
    "MAX_PREMIUM_BPS",
    "MAX_UPTIME_GRACE",
    "MIN_AUCTION_SECONDS",
    "MIN_CONFIDENCE_BPS",
    "MIN_EXIT_WINDOW",
    "MIN_HOPS",
    "NONCE_WINDOW",
    "STATUS_HALTED",
    "STATUS_PAUSED",
    "STATUS_TAKEOVERS_STOPPED",
    "STRATEGIES",
    "STRIKE_SLOTS",
]

ACTION_STRIKE = 1
"""What an operator may do, as bits of `Operator.actions`."""
ACTION_SETTLE = 2
ACTION_ARBITRAGE = 4
ACTION_REBALANCE = 8
MIN_CONFIDENCE_BPS = 9300
"""The minimum confidence that any strike can have, in basis points. No setter goes below it."""
BPS = 10_000
"""100 % in basis points."""
NONCE_WINDOW = 128
"""Nonces of an engine that the chain keeps: one so far behind the highest counts as used."""
MIN_HOPS = 2
"""Pools in an arbitrage."""
MAX_HOPS = 4
FEE_BASE = 1_000_000
"""100 % in hundredths of a basis point, the unit of pool fees."""
DYNAMIC_FEE = 0x800000
"""What stands for a fee that the pool's hooks set, in a key of Uniswap V4."""
MAX_UPTIME_GRACE = 86_400
"""The longest grace after a sequencer's restart, in seconds."""
MAX_DEVIATION_BPS = 1000
"""Hard caps of a market's rules: the owner can't set a market looser than this."""
MIN_EXIT_WINDOW = 30
MAX_HORIZON = 2_592_000
MAX_KEEPER_DELAY = 86_400
MAX_PREMIUM_BPS = 1000
MAX_DISCOUNT_BPS = 1000
MIN_AUCTION_SECONDS = 300
MAX_AUCTION_SECONDS = 86_400
STRATEGIES = 5
"""The fleet: 5 strategies of 5 bots. Bot `i` belongs to strategy `i / 5`."""
BOTS_PER_STRATEGY = 5
BOTS = 25
STRIKE_SLOTS = 64
"""Strikes that can be open at once: one bit each in the fleet's core word."""
MAX_MODELS = 256
"""Models that the owner can register, revoked ones too: the score sums over them."""
MAX_LOTS = 1023
"""A bot's holdings are counted in lots of 10 bits, so that one strike's 25 weights fit one
word.
"""
STATUS_PAUSED = 1
"""Bits of the fleet's status. See CoreWord."""
STATUS_HALTED = 2
STATUS_TAKEOVERS_STOPPED = 4
