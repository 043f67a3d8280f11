"""Executes a plan on any transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from macrostrike.chain import Receipt, Reverted, Signer, Transport
from macrostrike.deploy.plan import Plan, Step
from macrostrike.errors import ChainError
from macrostrike.errors.deploying import DeployError, StepFailed
from macrostrike.reverts import decode_revert

OnStep = Callable[[int, Step, Receipt], None]


def run_plan(
    plan: Plan,
    transport: Transport,
    signers: Mapping[str, Signer],
    on_step: OnStep | None = None,
) -> list[Receipt]:
    """Sends a plan's steps, one after the other, each mined before the next.

    `signers` are by address. `on_step` hears of each step that is done, with its place from 1.
    Raises `DeployError` before anything is sent when a signer is missing, and `StepFailed`.
    """
    return run_steps(plan.steps, transport, signers, on_step)


def run_steps(
    steps: Sequence[Step],
    transport: Transport,
    signers: Mapping[str, Signer],
    on_step: OnStep | None = None,
) -> list[Receipt]:
    """As `run_plan`, of some steps alone."""
    if absent := sorted({step.sender for step in steps} - signers.keys()):
        raise DeployError(f"these steps are for {', '.join(absent)} to sign, who is not here")
    receipts = []
    for position, step in enumerate(steps, start=1):
        receipt = _send(transport, signers[step.sender], step, position, len(steps))
        receipts.append(receipt)
        if on_step is not None:
            on_step(position, step, receipt)
    return receipts


def _send(transport: Transport, signer: Signer, step: Step, position: int, total: int) -> Receipt:
    try:
        receipt = transport.send(signer, step.to, step.data)
    except Reverted as reverted:
        error = decode_revert(reverted.data, reverted.reason)
        reason = f"{type(error).__name__}: {error}"
        raise StepFailed(position, total, step.does, reason) from reverted
    except ChainError as failure:
        raise StepFailed(position, total, step.does, str(failure)) from failure
    if step.creates is not None and not transport.code(step.creates):
        reason = f"no contract is at {step.creates} afterwards"
        raise StepFailed(position, total, step.does, reason)
    return receipt
