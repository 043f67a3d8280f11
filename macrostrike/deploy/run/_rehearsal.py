"""A plan carried out on a copy of the chain, before anything is sent to the chain itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from eth_account import Account
from eth_account.signers.local import LocalAccount

from macrostrike.chain import AnvilTransport, BoundContract, Transport
from macrostrike.client import MacroStrike
from macrostrike.deploy.plan import STRIKE, Check
from macrostrike.deploy.run._copy import FUNDS, Actor, copy_of
from macrostrike.deploy.run._deployment import complete
from macrostrike.deploy.run._node import Node
from macrostrike.deploy.run._solvency import solvency
from macrostrike.deploy.run._values import Deployment
from macrostrike.errors import AnvilMissing, GateError, MacroStrikeError
from macrostrike.errors.deploying import DeployError
from macrostrike.manifest import Manifest
from macrostrike.types import Action, Prediction, Signal

_VALID_SECONDS = 600
_HORIZON = 3600
# Of no engine: the copy is thrown away.
_MODEL = 65_535


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The result of a rehearsal.

    gas: of each step; in process it is that of warm storage, and so too low.
    gas_price: wei, now; 0 in process.
    checks: all of them held: those of the deployment, the books, and a strike.
    skipped: what could not be tried, and why.
    """

    gas: tuple[int, ...]
    gas_price: int
    checks: tuple[Check, ...]
    skipped: tuple[str, ...] = ()


def rehearse(deployment: Deployment) -> Rehearsal:
    """Carries out the plan on a copy, verifies it there, and tries a strike.

    Raises what `complete` would raise, and `DeployError` when a check fails there.
    """
    senders = {deployment.target.roles.owner, *(step.sender for step in deployment.plan.steps)}
    try:
        with copy_of(deployment.transport, senders) as copy:
            venues = deployment.venues and replace(deployment.venues, transport=copy)
            on_copy = replace(deployment, transport=copy, venues=venues)
            return _rehearse(on_copy, _price(deployment.transport))
    except AnvilMissing as missing:
        return Rehearsal((), _price(deployment.transport), (), (f"no rehearsal: {missing}",))


def _rehearse(deployment: Deployment, gas_price: int) -> Rehearsal:
    senders = {step.sender: Actor(step.sender) for step in deployment.plan.steps}
    deployed = complete(deployment, senders)
    names = {token.address: name for name, token in deployment.target.tokens.items()}
    checks = [
        *deployed.checks,
        *solvency(deployment.transport, deployed.manifest.diamond, names),
    ]
    skipped = []
    try:
        checks.append(_strike(deployment, deployed.manifest))
    except GateError as refused:
        skipped.append(f"no strike was tried: {refused}")
    except MacroStrikeError as failure:
        raise DeployError(f"on a copy of the chain, a strike failed: {failure}") from failure
    if failed := [str(check) for check in checks if not check.ok]:
        raise DeployError(f"on a copy of the chain, this did not hold: {'; '.join(failed)}")
    gas = tuple(receipt.gas_used for receipt in deployed.receipts)
    return Rehearsal(gas, gas_price, tuple(checks), tuple(skipped))


def _strike(deployment: Deployment, manifest: Manifest) -> Check:
    """Opens and settles a strike, by an engine and an operator whom the owner names on the copy."""
    chain, owner = deployment.transport, Actor(manifest.owner)
    engine, operator = _throwaway(), _throwaway()
    _fund(chain, owner.address, operator.address)
    now = chain.timestamp()
    until = now + 10 * _VALID_SECONDS
    every = int(Action.STRIKE | Action.SETTLE)
    budget = (1 << 64) - 1
    for function, *args in (
        ("setEngine", engine.address, until),
        ("setModel", _MODEL, engine.address),
        ("setOperator", operator.address, until, every, budget),
    ):
        BoundContract.diamond(chain, manifest.diamond).send(owner, function, *args)
    client = MacroStrike(chain, manifest.diamond, Actor(operator.address))
    prediction = Prediction(
        engine=engine.address,
        model_id=_MODEL,
        nonce=client.next_nonce(engine.address),
        market=0,
        signal=Signal.STRONG_LONG,
        confidence_bps=9999,
        valid_from=now,
        valid_until=now + _VALID_SECONDS,
        horizon=_HORIZON,
        stop_loss_bps=client.market(0).rules.max_stop_loss_bps,
    )
    opened = client.strike(prediction, engine)
    settled = client.settle(opened.strike_id)
    shown = f"strike {opened.strike_id} opened and settled"
    return Check("a strike", shown, shown, settled.strike_id == opened.strike_id, of=STRIKE)


def _throwaway() -> LocalAccount:
    account: LocalAccount = Account.create()
    return account


def _fund(chain: Transport, *accounts: str) -> None:
    if isinstance(chain, AnvilTransport):
        for account in accounts:
            chain.set_balance(account, FUNDS)


def _price(transport: Transport) -> int:
    return int(transport.request("eth_gasPrice"), 16) if isinstance(transport, Node) else 0
