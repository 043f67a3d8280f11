"""The one table: what each path does with each odd token. A token that a row does not name is taken
as any other, and what is booked is what was measured.

Most rows are made of what happens to a token on the way: it is pulled, paid, or received.
"""

from __future__ import annotations

from collections.abc import Mapping

Row = Mapping[str, str]
"""The outcome of a path, as `outcome` names it, by token."""


def meet(reported: str, tokens: str) -> dict[str, str]:
    return dict.fromkeys(tokens.split(), reported)


_MOVED_OR_NOT = "garbage two too-little false reverting moves-false"
"""Their transfers fail, or answer something else than `true`."""

KEEPS: Row = {}
PAYS: Row = meet("token", _MOVED_OR_NOT)
PULLS: Row = PAYS | meet("token", "pull-fails") | meet("ZeroAmount", "twice-true")
LESS_CAME: Row = meet("measured 99 %", "deflating")
PULLS_ALL: Row = PULLS | LESS_CAME
"""Of what somebody owes, all must arrive."""

GETS_MANAGER: Row = meet("manager: token", _MOVED_OR_NOT)

# Strikes. A pool takes any answer but zero for `true`; the diamond looks what came.
_GETS = meet("measured 0 %", "two") | LESS_CAME
GETS = {
    "V2": _GETS
    | meet("V2: TRANSFER_FAILED", "false reverting moves-false")
    | meet("V2: nothing", "too-little")
    | meet("V2: K", "surcharging"),
    "V3": _GETS | meet("V3: TF", "false reverting moves-false") | meet("V3: nothing", "too-little"),
    "V4": GETS_MANAGER | LESS_CAME,
}
_PAID_LESS = {
    "V2": meet("V2: K", "deflating"),
    "V3": meet("V3: IIA", "deflating"),
    "V4": LESS_CAME,
}
PAYS_POOL = {pool: PAYS | less for pool, less in _PAID_LESS.items()}
"""The pool refuses what it is not paid in full."""
MORE_WENT: Row = meet("measured 102 %", "surcharging")
COSTS_MORE: Row = meet("OracleDeviation", "surcharging")
"""A short's surcharge is a worse price, and here too bad a one."""

# Arbitrage.
GETS_VAULT: Row = (
    meet("vault: BAL#418", "false moves-false")
    | meet("vault: nothing", "garbage two too-little")
    | meet("vault: token", "reverting")
)
VAULT_PULLS: Row = meet("ApprovalLeft", "twice-true") | meet("vault: token", "pull-fails")
"""The vault believes a pull that took nothing; the diamond sees the allowance that is left."""


def after(*rows: Row, how: str = "skipped") -> Row:
    """What a token meets in one after the other: each is skipped for itself."""
    met: dict[str, list[str]] = {}
    for row in rows:
        for token, reported in row.items():
            met.setdefault(token, []).append(f"{how} {reported}")
    return {token: "; ".join(reported) for token, reported in met.items()}


def first(row: Row, then: Row) -> Row:
    """What a token meets where all is refused with the first refusal."""
    return {**then, **row}


def _strikes(pool: str, venue: str, *, quote: bool) -> dict[str, Row]:
    """A long pays quote and gets base, a short the other way; closing is as opening the other."""
    pays, gets = PAYS_POOL[pool], GETS[pool]
    if quote:
        long, short = first(pays, MORE_WENT), gets
        closed_long, closed_short = gets, first(pays, COSTS_MORE)
    else:
        # What a short sells is what leaves the inventory, surcharge and all.
        long, short = gets, first(pays, COSTS_MORE)
        closed_long, closed_short = first(pays, MORE_WENT), gets
    rows = {
        "open long": long,
        "open short": short,
        "settle long": closed_long,
        "settle short": closed_short,
        "roll long": first(closed_long, long),
        "roll short": first(closed_short, short),
        "open a batch all or none": first(long, short),
        "settle a batch all or none": first(closed_long, closed_short),
        "open a batch skipping": after(long, short),
        "settle a batch skipping": after(closed_long, closed_short),
        "take long": PULLS_ALL if quote else first(PAYS, MORE_WENT),
        "take short": first(PAYS, MORE_WENT) if quote else PULLS_ALL,
    }
    for side in ("long", "short"):
        rows |= {f"close {side} at the oracle": KEEPS, f"write off {side}": KEEPS}
    return {f"{name}, {venue}": row for name, row in rows.items()}


def _markets(*, quote: bool) -> dict[str, Row]:
    pools = {"V3": "V3", "V2": "Sushi", "V4": "V4"}
    venues = (_strikes(pool, venue, quote=quote) for pool, venue in pools.items())
    return {path: row for rows in venues for path, row in rows.items()}


# The token that a cycle starts and ends in: the last pool pays it, and it pays the first one.
_OVERCHARGED: Row = meet("ProfitMismatch", "surcharging")
_OVERPULLED: Row = meet("PartialFill", "surcharging")
_ENDS = {pool: gets | meet("token", "garbage") for pool, gets in GETS.items()}
_ENDS["V3"] |= _OVERCHARGED
_FIRST_AND_LAST: dict[str, Row] = {
    "V2, V2": _ENDS["V2"],
    "V2, Sushi": _ENDS["V2"],
    "V2, V3": _ENDS["V3"],
    "V3, V2": _ENDS["V2"],
    "V3, Sushi": _ENDS["V2"],
    "V3, V3": _ENDS["V3"],
    "V4, V2": _ENDS["V2"],
    "V4, V3": _ENDS["V3"],
    "V2, Balancer": GETS_VAULT | LESS_CAME | _OVERCHARGED,
    "V3, Balancer": GETS_VAULT | LESS_CAME | _OVERCHARGED,
    "V4, Balancer": GETS_VAULT | LESS_CAME | _OVERCHARGED,
    "Balancer, V2": _ENDS["V2"] | VAULT_PULLS | _OVERPULLED,
    "Balancer, V3": _ENDS["V3"] | VAULT_PULLS | _OVERPULLED,
    # It is approved before anything moves.
    "Balancer, Balancer": PAYS | VAULT_PULLS | LESS_CAME | _OVERPULLED,
    "V3, V4 with ether": GETS_MANAGER | LESS_CAME | _OVERCHARGED,
    "V4, V4 with ether": GETS_MANAGER | LESS_CAME | _OVERCHARGED,
    "Balancer, V4 with ether": GETS_MANAGER | VAULT_PULLS | LESS_CAME | _OVERPULLED,
    "V2, V4 with ether, V2": _ENDS["V2"],
}

# The token between: the first pool pays it, to where the second wants it. A pair looks itself what
# came, and so does V3 in the diamond's callback. A pool that is overcharged sees to it itself.
_NO_WRAPPER: Row = meet(
    "nothing",
    f"{_MOVED_OR_NOT} missing too-much no-return twice-true pull-fails zrx deflating surcharging",
) | meet("token", "reverting")
_UNPAID_PAIR: Row = meet("V2: INSUFFICIENT_INPUT_AMOUNT", "two") | _PAID_LESS["V2"]
_BETWEEN: dict[str, Row] = {
    "V2, V2": GETS["V2"] | _UNPAID_PAIR,
    "V2, Sushi": GETS["V2"] | _UNPAID_PAIR,
    "V2, V3": GETS["V2"] | meet("V3: IIA", "two deflating"),
    "V3, V2": GETS["V3"] | _UNPAID_PAIR,
    "V3, Sushi": GETS["V3"] | _UNPAID_PAIR,
    "V3, V3": _ENDS["V3"] | _OVERPULLED,
    "V4, V2": GETS_MANAGER | _PAID_LESS["V2"],
    "V4, V3": GETS_MANAGER | LESS_CAME | _OVERPULLED,
    "V2, Balancer": _ENDS["V2"] | VAULT_PULLS | _OVERPULLED,
    "V3, Balancer": _ENDS["V3"] | VAULT_PULLS | _OVERPULLED,
    "V4, Balancer": GETS_MANAGER | VAULT_PULLS | LESS_CAME | _OVERPULLED,
    "Balancer, V2": GETS_VAULT | _PAID_LESS["V2"],
    "Balancer, V3": GETS_VAULT | _PAID_LESS["V3"],
    "Balancer, Balancer": GETS_VAULT | VAULT_PULLS | LESS_CAME | _OVERPULLED,
    # As the wrapper: of the odd ones one alone takes ether in and pays it out.
    "V3, V4 with ether": _NO_WRAPPER | GETS["V3"],
    "V4, V4 with ether": _NO_WRAPPER | GETS_MANAGER | LESS_CAME,
    "Balancer, V4 with ether": _NO_WRAPPER | GETS_VAULT | LESS_CAME,
    "V2, V4 with ether, V2": _NO_WRAPPER,
}


def _cycles(rows: Mapping[str, Row]) -> dict[str, Row]:
    named = {f"arbitrage {cycle}": row for cycle, row in rows.items()}
    tried = rows["V3, V2"]
    return named | {"attempt V3, V2": after(tried, how="missed"), "quote V3, V2": tried}


TABLE: Mapping[str, Mapping[str, Row]] = {
    "usdc": {
        "deposit": PULLS,
        # All that there is, and the charge.
        "withdraw": PAYS | meet("InsufficientFunds", "surcharging"),
        "fund AMM, quote": KEEPS,
        "defund AMM, quote": KEEPS,
        "skim, quote": PAYS | MORE_WENT,
        **_markets(quote=True),
        **_cycles(_FIRST_AND_LAST),
    },
    "weth": {
        "deposit inventory": PULLS,
        "withdraw inventory": PAYS,
        "fund AMM, base": KEEPS,
        "defund AMM, base": KEEPS,
        "skim, base": PAYS | MORE_WENT,
        **_markets(quote=False),
        **_cycles(_BETWEEN),
    },
}
"""By the token that is the odd one, and by path."""
