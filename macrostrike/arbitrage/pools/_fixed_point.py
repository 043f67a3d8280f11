"""Balancer's fixed-point arithmetic, with its rounding.

Numbers are integers of 18 decimals unless said otherwise. Exponentials and logarithms are split
into powers of e that are tabled, and a short series for what is left; every truncation is the
contracts' own, as the last digits of a swap depend on it.
"""

from __future__ import annotations

ONE = 10**18
_ONE_20 = 10**20
_ONE_36 = 10**36
# powers are rounded away from the truth by this share and one unit, so as not to favour the trader
_POWER_ERROR = 10**4

# x, e^x: the first two with 18 decimals and none, the others with 20 and 20.
_LARGE = (
    (128 * ONE, 38877084059945950922200000000000000000000000000000000000),
    (64 * ONE, 6235149080811616882910000000),
)
_SMALL = (
    (32 * _ONE_20, 7896296018268069516100000000000000),
    (16 * _ONE_20, 888611052050787263676000000),
    (8 * _ONE_20, 298095798704172827474000),
    (4 * _ONE_20, 5459815003314423907810),
    (2 * _ONE_20, 738905609893065022723),
    (_ONE_20, 271828182845904523536),
    (_ONE_20 // 2, 164872127070012814685),
    (_ONE_20 // 4, 128402541668774148407),
    (_ONE_20 // 8, 113314845306682631683),
    (_ONE_20 // 16, 106449445891785942956),
)
# Arguments of the exponential are over 1/16 of e only in what these leave out.
_SMALL_OF_EXP = _SMALL[:8]
_EXP_TERMS = 12
_SERIES_END, _SERIES_END_NEAR_ONE = 11, 15
_NEAR_ONE = ONE // 10


def mul_down(a: int, b: int) -> int:
    return a * b // ONE


def mul_up(a: int, b: int) -> int:
    return -(-a * b // ONE)


def div_down(a: int, b: int) -> int:
    return a * ONE // b


def div_up(a: int, b: int) -> int:
    return -(-a * ONE // b)


def complement(a: int) -> int:
    """1 - a, and zero where that would be less."""
    return max(ONE - a, 0)


def pow_up(base: int, exponent: int, *, shortcuts: bool) -> int:
    """base^exponent, rounded up.

    With `shortcuts`, exponents of 1, 2 and 4 are multiplied out, as pools do since September 2022.
    """
    if shortcuts and exponent in (ONE, 2 * ONE, 4 * ONE):
        result = base
        for _ in range((exponent // ONE).bit_length() - 1):
            result = mul_up(result, result)
        return result
    raw = _pow(base, exponent)
    return raw + mul_up(raw, _POWER_ERROR) + 1


def _pow(base: int, exponent: int) -> int:
    if exponent == 0:
        return ONE
    if base == 0:
        return 0
    if abs(base - ONE) < _NEAR_ONE:
        precise = _ln_36(base)
        whole, rest = _divided(precise, ONE), _remainder(precise, ONE)
        product = whole * exponent + _divided(rest * exponent, ONE)
    else:
        product = _ln(base) * exponent
    return _exp(_divided(product, ONE))


def _exp(x: int) -> int:
    if x < 0:
        return ONE * ONE // _exp(-x)
    first = 1
    for part, power in _LARGE:
        if x >= part:
            x -= part
            first = power
            break
    x *= 100
    product = _ONE_20
    for part, power in _SMALL_OF_EXP:
        if x >= part:
            x -= part
            product = product * power // _ONE_20
    term = x
    series = _ONE_20 + term
    for n in range(2, _EXP_TERMS + 1):
        term = term * x // _ONE_20 // n
        series += term
    return product * series // _ONE_20 * first // 100


def _ln(a: int) -> int:
    if a < ONE:
        return -_ln(ONE * ONE // a)
    total = 0
    for part, power in _LARGE:
        if a >= power * ONE:
            a //= power
            total += part
    total *= 100
    a *= 100
    for part, power in _SMALL:
        if a >= power:
            a = a * _ONE_20 // power
            total += part
    return (total + _log_series(a, _ONE_20, _SERIES_END)) // 100


def _ln_36(x: int) -> int:
    """Near 1, with 36 decimals."""
    return _log_series(x * ONE, _ONE_36, _SERIES_END_NEAR_ONE)


def _log_series(x: int, one: int, end: int) -> int:
    """ln x = 2 artanh((x - 1) / (x + 1)), up to the power `end`."""
    z = _divided((x - one) * one, x + one)
    square = z * z // one
    term = series = z
    for n in range(3, end + 1, 2):
        term = _divided(term * square, one)
        series += _divided(term, n)
    return 2 * series


def _divided(a: int, b: int) -> int:
    """Division towards zero, as the EVM does it; Python's goes down."""
    return a // b if a >= 0 else -(-a // b)


def _remainder(a: int, b: int) -> int:
    return a % b if a >= 0 else -(-a % b)
