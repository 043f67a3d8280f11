"""Whether a diamond holds what its books say: the invariant that everything else rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from macrostrike.abi import diamond_abi, interface
from macrostrike.chain import Reverted, Transport
from macrostrike.deploy.plan import Check
from macrostrike.journal.balances import Position, required_balances
from macrostrike.types import BOTS, AMMTokenStats

_Question = tuple[Any, ...]


def solvency(
    transport: Transport, diamond: str, names: Mapping[str, str] | None = None
) -> Iterator[Check]:
    """A check for each token that the books know. All is read on one block, as strikes go on.

    names: of tokens, by address, for the checks.
    """
    at = _Reader(transport, diamond)
    books = ["getTreasury", "getOpenStrikes", "marketCount"]
    (quote, reserve, _), open_ids, markets = at.ask((each,) for each in books)
    # The fleet has no bots before it is initialized.
    has_fleet = at.ask([("getLot",)])[0] != 0
    bots = at.ask(("getBot", bot) for bot in range(BOTS if has_fleet else 0))
    bases = [market.base for market in at.ask(("getMarket", each) for each in range(markets))]
    capital = {each.token: each.capital for each in at.amm_stats()}
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
    for token, balance in zip(required, at.balances(required), strict=True):
        minimum = required[token]
        name = f"{(names or {}).get(token, token)} covers the books"
        yield Check(name, f"at least {minimum}", str(balance), balance >= minimum)


class _Reader:
    """View functions on the block that is the latest now."""

    def __init__(self, transport: Transport, diamond: str) -> None:
        self._transport = transport
        self._diamond = diamond
        self._block = transport.block_number()

    def ask(self, questions: Iterable[_Question]) -> list[Any]:
        asked = list(questions)
        calls = [(self._diamond, diamond_abi().encode_call(*each)) for each in asked]
        answers = self._transport.call_many(calls, block=self._block)
        return [
            diamond_abi().decode_result(question[0], answer)
            for question, answer in zip(asked, answers, strict=True)
        ]

    def amm_stats(self) -> Sequence[AMMTokenStats]:
        """None of a diamond that was deployed without that facet."""
        try:
            return tuple(self.ask([("getAMMStats",)])[0])
        except Reverted:
            return ()

    def balances(self, tokens: Iterable[str]) -> list[int]:
        asked = interface("IToken").encode_call("balanceOf", self._diamond)
        answers = self._transport.call_many([(each, asked) for each in tokens], block=self._block)
        return [int(interface("IToken").decode_result("balanceOf", answer)) for answer in answers]
