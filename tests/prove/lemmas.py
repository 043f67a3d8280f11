"""What the word solver can't do in bits, in integers. Runs in the prover's environment.

    python tests/prove/lemmas.py

Prints a line of JSON a lemma: what it says, for what, and whether it was proven.
"""

from __future__ import annotations

import json
import sys
import time

import z3


def digits_add_up(count: int, bits: int, largest: int) -> z3.BoolRef:
    """The remainder by 2^bits - 1 of a number of digits is their sum, where that is smaller."""
    modulus = 2**bits - 1
    digits = [z3.Int(f"d{n}") for n in range(count)]
    within = [z3.And(digit >= 0, digit <= largest) for digit in digits]
    number = z3.Sum([digit * 2 ** (bits * n) for n, digit in enumerate(digits)])
    assert count * largest < modulus
    return z3.Implies(z3.And(within), number % modulus == z3.Sum(digits))


def lifting_rounds_down() -> z3.BoolRef:
    """A loss that is lifted over zero before it is divided is rounded down, as a gain is."""
    pnl, weight, total, lift, quotient = z3.Ints("pnl weight total lift quotient")
    product, lifted = pnl * weight, z3.Int("lifted")
    divides = z3.And(quotient * total <= lifted, lifted < (quotient + 1) * total)
    share = quotient - lift
    return z3.Implies(
        z3.And(total > 0, lifted == product + lift * total, divides),
        z3.And(share * total <= product, product < (share + 1) * total),
    )


_REMAINDER = "the remainder by one less than its base of a number is the sum of its digits"
LEMMAS = (
    (_REMAINDER, "13 digits of 20 bits, as of lots", digits_add_up(13, 20, 2 * 1023)),
    (
        _REMAINDER,
        "3 digits of 84 bits, as of five strategies' equity",
        digits_add_up(3, 84, 5 * 2 * (2**42 - 1)),
    ),
    ("a lifted loss is rounded down", "any P&L, weight and total", lifting_rounds_down()),
)


def main() -> int:
    left = 0
    for says, bounds, lemma in LEMMAS:
        solver, started = z3.Solver(), time.monotonic()
        solver.set("timeout", 60_000)
        solver.add(z3.Not(lemma))
        proven = solver.check() == z3.unsat
        left += not proven
        seconds = round(time.monotonic() - started, 2)
        print(json.dumps({"says": says, "bounds": bounds, "proven": proven, "seconds": seconds}))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
