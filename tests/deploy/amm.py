"""The local target with arbitrages on all venues, for the tests of it."""

from __future__ import annotations

from .support import LOCAL, STRANGER

# Without a flag, so that the manager never calls them.
HOOKS = "0x1111111111111111111111111111111111110000"
WHOLE = """amm:
  caps: {USDC: 500_000, WETH: 500}
  funding: {USDC: 100_000, WETH: 50}
  wrapped_native: WETH
  hooks: [HOOKS]
  pools:
    - {factory: uniswap-v3, pool: fixture, fee: 500}
    - {factory: uniswap-v2, pool: fixture, fee: 3000}
    - {factory: uniswap-v4, token0: ether, token1: USDC, fee: 3000, tick_spacing: 60}
    - {factory: uniswap-v4, token0: WETH, token1: USDC, fee: 3000, tick_spacing: 60}
    - {factory: uniswap-v4, token0: USDC, token1: WETH, fee: 500, tick_spacing: 60}
    - {factory: uniswap-v4, token0: USDC, token1: ether, fee: dynamic, tick_spacing: 60, hooks: HOOKS}
    - {factory: balancer, pool: BALANCER, token0: USDC, token1: WETH}

"""  # noqa: E501
NOBODYS = "0x" + "42" * 20


def text_of(manager: str = STRANGER, factory: str = NOBODYS, pool: str = NOBODYS) -> str:
    """The local target, with all of its venues."""
    head, rest = LOCAL.split("# What one arbitrage may put in", 1)
    amm = WHOLE.replace("HOOKS", HOOKS).replace("BALANCER", pool)
    head = head.replace(
        "  uniswap-v2: {address: fixture",
        f"  uniswap-v4: {{address: {manager}, venue: UniswapV4}}\n"
        f"  balancer: {{address: {factory}, venue: BalancerWeighted}}\n"
        "  uniswap-v2: {address: fixture",
    )
    return head + amm + "roles:" + rest.split("roles:", 1)[1]
