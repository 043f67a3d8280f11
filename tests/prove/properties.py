"""What is proven, and for each property a mutant of the contracts that breaks it."""

from __future__ import annotations

from dataclasses import dataclass

_LIBRARIES = "contracts/libraries"
_TYPES = "contracts/types"
_CORE = f"{_TYPES}/CoreWord.sol"
_LOTS = f"{_TYPES}/LotsWord.sol"
_STRATEGY = f"{_TYPES}/StrategyWord.sol"
_CONFIG = f"{_TYPES}/ConfigWord.sol"
_ACCESS = f"{_LIBRARIES}/access/LibAccess.sol"
_FLEET = f"{_LIBRARIES}/fleet/LibFleet.sol"
_CALLBACK = f"{_LIBRARIES}/cycle/LibCallback.sol"
_DIAMOND = f"{_LIBRARIES}/diamond/LibDiamond.sol"
_RING = f"{_LIBRARIES}/storage/DiamondStorage.sol"

EVERYTHING = "all inputs"
BEYOND = (
    "the split of a P&L through the packed words: products and quotients of symbols. The lemma on "
    "lifting is what its rounding is built on; the fuzzer's invariant `shares` holds the rest",
    "what drains from a budget in a time: the same. tests/unit/access/test_operators.py tries it",
    "whole strikes, settlements and rolls, with pools and tokens: tests/unit/roll, make fuzz",
)
"""What the solver was tried on and can't do, or what is too large for it, and what holds it."""


@dataclass(frozen=True)
class Property:
    """A function `check_<name>` of tests/prove/solidity/<contract>.sol.

    `says` is the property; `bounds`, for which inputs. In the mutant `old`, which stands once in
    the file, is `new`.
    """

    contract: str
    name: str
    says: str
    file: str
    old: str
    new: str
    bounds: str = EVERYTHING

    @property
    def layout(self) -> str:
        """The ring has selectors as slots: not what the model of Solidity's storage is for."""
        return "generic" if self.contract == "Ring" else "solidity"

    @property
    def function(self) -> str:
        return f"check_{self.name}"


PROPERTIES = (
    Property(
        "Roles",
        "the_threshold_is_never_under_9300",
        "whatever the core word holds, the threshold is 93 % or more",
        _FLEET,
        "return uint16(MIN_CONFIDENCE_BPS + core().thresholdOverBps());",
        "return uint16(MIN_CONFIDENCE_BPS + core().thresholdOverBps() - 1);",
    ),
    Property(
        "Roles",
        "no_threshold_under_9300_can_be_set",
        "setting a threshold under the minimum is refused, and what was set is in force",
        _FLEET,
        "if (thresholdBps < minBps || thresholdBps > BPS)",
        "if (thresholdBps < minBps)",
    ),
    Property(
        "Roles",
        "a_nonce_that_was_taken_is_used",
        "a nonce that was accepted is used afterwards",
        _ACCESS,
        "window |= 1 << (highest - nonce);",
        "window |= 1 << (highest - nonce + 1);",
    ),
    Property(
        "Roles",
        "a_used_nonce_stays_used_and_is_refused",
        "a used nonce is refused, and no other nonce's use makes it free: by induction, once each",
        _ACCESS,
        "window = step < NONCE_WINDOW ? (window << step) | 1 : 1;",
        "window = 1;",
    ),
    Property(
        "Roles",
        "a_nonce_of_the_window_stays_free",
        "a free nonce less than 128 behind the highest stays free until it is used",
        _ACCESS,
        "window = step < NONCE_WINDOW ? (window << step) | 1 : 1;",
        "window = step < NONCE_WINDOW ? (window << step) | 3 : 1;",
    ),
    Property(
        "Roles",
        "no_charge_exceeds_the_budget",
        "after a charge no more is in use than the daily budget",
        _ACCESS,
        "if (notional > available) revert",
        "if (notional > available + 1) revert",
        "any grant, in the second of its last use",
    ),
    Property(
        "Callbacks",
        "only_the_expected_pool_calls_back_and_once",
        "only the pool whose turn it is calls back, for what it is expected to, and not again",
        _CALLBACK,
        "EXPECTED.asUint256().tstore(0);\n        return turn.kind();",
        "return turn.kind();",
        "any pool, any two callers",
    ),
    Property(
        "Callbacks",
        "what_was_not_taken_is_found",
        "a pool that did not call back is found out",
        _CALLBACK,
        "if (EXPECTED.asUint256().tload() != 0) revert",
        "if (EXPECTED.asUint256().tload() == 1) revert",
        "any pool and kind",
    ),
    Property(
        "Callbacks",
        "without_a_swap_no_one_calls_back",
        "with no swap under way every callback is refused",
        _CALLBACK,
        "    function forget() internal {\n        EXPECTED.asUint256().tstore(0);",
        "    function forget() internal {\n        ALLOWED.asUint256().tstore(0);",
        "any pool and caller",
    ),
    Property(
        "Words",
        "lots_of_one_bot_change_no_other",
        "a bot's lots are read as written; the others' and the signal stay",
        _LOTS,
        "~(LOT_MASK << shift)) | (lots << shift));",
        "~(LOT_MASK << shift)) | (lots << (shift + 1)));",
    ),
    Property(
        "Words",
        "equity_of_one_bot_changes_no_other",
        "a bot's equity is read as written; the others' and the counts stay",
        _STRATEGY,
        "~(EQUITY_MASK << shift)) | (equity << shift));",
        "~(EQUITY_MASK << shift)) | (equity << (shift + 1)));",
    ),
    Property(
        "Words",
        "total_lots_is_a_remainder_of_pairs",
        "with the lemma below: the total of the lots is the sum of 25",
        _LOTS,
        "return ((word & EVEN_LOTS) + ((word >> LOT_BITS) & ODD_LOTS)) % ((1 << 20) - 1);",
        "return ((word & EVEN_LOTS) + ((word >> LOT_BITS) & ODD_LOTS)) % (1 << 20);",
    ),
    Property(
        "Words",
        "total_equity_is_a_remainder_of_pairs",
        "with the lemma below: the total of the equity is the sum of five",
        _STRATEGY,
        "return (word & EVEN_EQUITY) + ((word >> EQUITY_BITS) & ODD_EQUITY);",
        "return (word & EVEN_EQUITY) + ((word >> EQUITY_BITS) & EVEN_EQUITY);",
    ),
    Property(
        "Words",
        "each_bots_lots_are_capped",
        "capping 25 bots by two subtractions is the minimum of each",
        _LOTS,
        "return all ^ ((all ^ lots) & (within * LOT_MASK));",
        "return all ^ ((all ^ lots) & (within * (LOT_MASK - 1)));",
    ),
    Property(
        "Words",
        "lots_of_strategies_are_their_bots",
        "the lots of a mask of strategies are those of its bots",
        _LOTS,
        "((strategies & 4) << 98)",
        "((strategies & 4) << 97)",
        "all 32 masks",
    ),
    Property(
        "Words",
        "a_bot_takes_part_as_it_says",
        "comparing nine bots by one subtraction is comparing each",
        _CONFIG,
        "((takesPart >> DEMANDS_BITS) * RISK_MASK);",
        "((takesPart >> DEMANDS_BITS) * (RISK_MASK - 1));",
        "any word, side and confidence to 100 %",
    ),
    Property(
        "Words",
        "a_config_is_read_as_it_was_written",
        "a bot's settings are read as they were written; the others' stay",
        _CONFIG,
        "minConfidenceBps: uint16(demands & CONFIDENCE_MASK) + MIN_CONFIDENCE_BPS,",
        "minConfidenceBps: uint16(demands & (CONFIDENCE_MASK >> 1)) + MIN_CONFIDENCE_BPS,",
        "any settings that are accepted",
    ),
    Property(
        "Words",
        "an_outcome_counts_one_and_keeps_equity",
        "an outcome counts once, wins never pass the settled, equity stays",
        _STRATEGY,
        "self.settled() == COUNT_MASK ?",
        "self.settled() == COUNT_MASK + 1 ?",
    ),
    Property(
        "Words",
        "core_fields_are_kept",
        "a field of the core word that is set changes no other",
        _CORE,
        "uint256 constant HIGH_WATER_AT = 80;",
        "uint256 constant HIGH_WATER_AT = 79;",
    ),
    Property(
        "Ring",
        "an_added_function_is_answered_and_in_the_ring",
        "a function that a cut adds is answered, and its neighbours in the ring know it",
        _RING,
        "sstore(slot, or(and(sload(slot), not(shl(160, 0xffffffff))), shl(160, before)))",
        "sstore(slot, or(sload(slot), shl(160, before)))",
        "any selector beside two that are there",
    ),
    Property(
        "Ring",
        "a_core_function_is_not_removed",
        "no core function is removed without the flag",
        _DIAMOND,
        "if (!coreToo && isCore(selector)) revert",
        "if (coreToo && isCore(selector)) revert",
        "any selector",
    ),
)
