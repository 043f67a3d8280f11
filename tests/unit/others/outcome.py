"""The outcome of a call, in words that hold for every token and amount."""

from __future__ import annotations

from eth_abi.abi import decode
from eth_utils.crypto import keccak

from macrostrike.abi import Event
from macrostrike.errors import CallFailed, ContractError, UnfaithfulToken
from macrostrike.reverts import decode_revert
from macrostrike.types import Venue

from .paths import Step
from .tokens import odd_tokens
from .world import World

DONE = "done"
_ERROR = keccak(text="Error(string)")[:4]
# What V4's manager puts around a token's failure.
_WRAPPED = keccak(text="WrappedError(address,bytes4,bytes,bytes)")[:4]
_SKIPPED = {"Skipped": "skipped", "SettlementSkipped": "skipped", "ArbitrageScored": "missed"}


def outcome(world: World, role: str, odd: str, call: Step) -> str:
    """`done`, the reasons of what the call skipped, or why it was refused.

    Args:
        role: the token that is the odd one, by its name in the world.
        odd: which it is.
    """
    try:
        events = call(world)
    except ContractError as error:
        return tell(world, role, odd, error)
    skipped = [] if not isinstance(events, list) else list(filter(None, map(_skipped, events)))
    reported = [f"{how} {tell(world, role, odd, decode_revert(why))}" for how, why in skipped]
    return "; ".join(reported) or DONE


def _skipped(event: Event) -> tuple[str, bytes] | None:
    how, reason = _SKIPPED.get(event.name), event.args.get("reason")
    return (how, reason) if how and reason else None


def tell(world: World, role: str, odd: str, error: ContractError) -> str:
    """`token` where that failed with its own answer; who else failed and with what words; or what
    part of an amount was measured."""
    token = world.tokens[role]
    if isinstance(error, CallFailed):
        said = words(odd, error.reason)
        if error.target == token:
            return said
        return f"{place(world, error.target)}: {said}"
    if isinstance(error, UnfaithfulToken):
        assert error.token == token
        return f"measured {round(100 * error.measured / error.stated)} %"
    return type(error).__name__


def place(world: World, address: str) -> str:
    if address in (world.balancer.vault, world.v4.manager):
        return "vault" if address == world.balancer.vault else "manager"
    venue = next(pool.venue for pool in world.pools.values() if pool.address == address)
    return {Venue.UNISWAP_V2: "V2", Venue.UNISWAP_V3: "V3"}[venue]


def words(odd: str, reason: bytes) -> str:
    if reason[:4] == _WRAPPED:
        reason = decode(["address", "bytes4", "bytes", "bytes"], reason[4:])[2]
        assert reason == odd_tokens()[odd].answer
    if reason == odd_tokens()[odd].answer:
        return "token"
    if reason[:4] == _ERROR:
        # Balancer pads its strings with more than zeros.
        text = str(decode(["string"], reason[4:], strict=False)[0])
        return text.removeprefix("UniswapV2: ")
    return f"0x{reason.hex()}" if reason else "nothing"
