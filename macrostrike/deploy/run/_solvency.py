"""Whether a diamond holds what its books say: the invariant that everything else rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from macrostrike.chain import BoundContract, Reverted, Transport
from macrostrike.chain.contract import balances
from macrostrike.deploy.plan import BOOKS, Check
from macrostrike.journal.balances import Position, required_balances
from macrostrike.types import BOTS, AMMTokenStats


def solvency(
    transport: Transport, diamond: str, names: Mapping[str, str] | None = None
) -> Iterator[Check]:
    """A check for each token that the books know. All is read on one block, as strikes go on.

    names: of tokens, by address, for the checks.
    """
    at = BoundContract.diamond(transport, diamond).pinned(transport.block_number())
    books = ["getTreasury", "getOpenStrikes", "marketCount"]
    (quote, reserve, _), open_ids, markets = at.ask((each,) for each in books)
    # The fleet has no bots before it is initialized.
    has_fleet = at.call("getLot") != 0
    bots = at.ask(("getBot", bot) for bot in range(BOTS if has_fleet else 0))
    bases = [market.base for market in at.ask(("getMarket", each) for each in range(markets))]
    capital = {each.token: each.capital for each in _amm_stats(at)}
    tokens = sorted({*bases, *capital})
    required = required_balances(
        quote=quote,
        reserve=reserve,
        equity=sum(bot.equity for bot in bots),
        positions=[
            Position(
                base=bases[strike.record.market],
                is_long=strike.signal.is_long,
                notional=strike.notional,
                base_amount=strike.record.base_amount,
            )
            for strike in at.ask(("getStrike", each) for each in open_ids)
        ],
        inventory=dict(zip(tokens, at.ask(("inventoryOf", each) for each in tokens), strict=True)),
        amm_capital=capital,
    )
    for token, balance in balances(transport, required, diamond, at.block).items():
        minimum = required[token]
        name = f"{(names or {}).get(token, token)} covers the books"
        yield Check(name, f"at least {minimum}", str(balance), balance >= minimum, of=BOOKS)


def _amm_stats(diamond: BoundContract) -> Sequence[AMMTokenStats]:
    """None of a diamond that was deployed without that facet."""
    try:
        return tuple(diamond.call("getAMMStats"))
    except Reverted:
        return ()
