"""The accounts that every local chain knows. Their keys are public: never use them elsewhere."""

from __future__ import annotations

from functools import lru_cache

from eth_account import Account
from eth_account.signers.local import LocalAccount

MNEMONIC = "test test test test test test test test test test test junk"


@lru_cache(maxsize=32)
def local_account(index: int) -> LocalAccount:
    """Anvil's account of that index, from 0."""
    Account.enable_unaudited_hdwallet_features()
    path = f"m/44'/60'/0'/0/{index}"
    account: LocalAccount = Account.from_mnemonic(MNEMONIC, account_path=path)
    return account
