"""What `ape run deploy` and `ape run upgrade` have in common, apart from Ape."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ape_diamond import compare_layouts
from ape_diamond.tables import layout_table
from macrostrike._counts import counted
from macrostrike.build import ROOT
from macrostrike.chain import Receipt, Signer
from macrostrike.cli.plans import change_table, checks_text, plan_table
from macrostrike.deploy.owner import (
    OwnerKind,
    hand_over,
    owner_kind,
    place_of,
    write_owner_file,
)
from macrostrike.deploy.plan import Estimates, PinnedPlan, Pinning, Step, pin
from macrostrike.deploy.run import Deployed, Deployment, OnStep, Rehearsal, complete, rehearse
from macrostrike.errors import ArtifactsMissing
from macrostrike.errors.deploying import DeployError, EtherMissing, LayoutUnknown
from macrostrike.inspector import load_layout, require_compatible
from macrostrike.manifest import Manifest

LAYOUT = ROOT / "macrostrike" / "_artifacts" / "storage-layout.json"


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command.

    manifest: where it is kept; the storage layout that goes with it is beside it.
    write_plan: where the plan is written, instead of being applied.
    plan, plan_hash: a written plan that alone is to be applied, and the hash that it must have.
    confirm: asked before anything is sent; raises when the answer is no.
    unchecked_layout: whether an upgrade may go on where the storage layout that was deployed is not
        known, so that nothing says whether the new code reads what the old one wrote.
    confirmations: that the last transaction must have before the chain is verified; None for as
        many as the chain needs.
    """

    console: Console
    manifest: Path
    write_plan: Path | None
    plan: Path | None
    plan_hash: str | None
    confirm: Callable[[int], None]
    confirmations: int | None = None
    unchecked_layout: bool = False

    def run(
        self, deployment: Deployment, signers: Callable[[], Mapping[str, Signer]]
    ) -> Deployed | None:
        """Shows the plan, rehearses it, applies it, and says the result.

        Returns None while something is left to do, by those who apply the plan or by the owner.
        """
        if not LAYOUT.exists():
            raise ArtifactsMissing(LAYOUT.stem, str(LAYOUT.parent))
        plan, pinned = deployment.plan, self._pinned()
        if pinned is not None:
            created = deployment.state.created
            pinned.require(plan, chain_id=deployment.state.chain_id, created=created)
        if not plan.is_new and plan.changes:
            self._compare_layouts()
        for warning in plan.warnings:
            self.console.print(f"[yellow]warning[/]  {warning}", soft_wrap=True)
        for check in plan.withheld:
            self.console.print(
                f"[yellow]withheld[/]  {check}. A guardian may have done that: "
                f"--undo-guardian reverses {check.reverses}",
                soft_wrap=True,
            )
        if plan.steps:
            rehearsal = self._rehearse(deployment)
            if self.write_plan is not None:
                self._write(deployment, rehearsal, self.write_plan)
                return None
            self._require_ether(deployment, rehearsal)
            self.confirm(len(plan.steps))
            owner = owner_kind(deployment.transport, deployment.target.roles.owner)
            if owner is not OwnerKind.EOA:
                self._hand_over(deployment, owner, signers())
                return None
        else:
            but = ", but for what is withheld" if plan.withheld else ""
            self.console.print(f"Nothing to do: {plan.diamond} is as the target says{but}.")
        deployed = self._apply(deployment, signers() if plan.steps else {})
        self._tell(deployed)
        return deployed

    def _pinned(self) -> PinnedPlan | None:
        if self.plan is None:
            if self.plan_hash is not None:
                raise DeployError("--plan-hash needs --plan FILE")
            return None
        pinned = PinnedPlan.load(self.plan)
        if self.plan_hash is not None:
            pinned.require_hash(self.plan_hash)
        return pinned

    def _rehearse(self, deployment: Deployment) -> Rehearsal:
        with self.console.status("rehearsing on a copy of the chain ..."):
            rehearsal = rehearse(deployment)
        plan = deployment.plan
        if plan.changes:
            self.console.print(change_table(plan))
        self.console.print(plan_table(plan, rehearsal.gas, rehearsal.gas_price))
        if rehearsal.checks:
            self.console.print(
                f"Rehearsed on a copy of the chain: {checks_text(rehearsal.checks)}."
            )
        for skipped in rehearsal.skipped:
            self.console.print(f"[yellow]note[/]  {skipped}")
        return rehearsal

    def _require_ether(self, deployment: Deployment, rehearsal: Rehearsal) -> None:
        """Raises `EtherMissing` before anything is sent that a sender could not pay for."""
        costs: Counter[str] = Counter()
        for step, gas in zip(deployment.plan.steps, rehearsal.gas, strict=False):
            costs[step.sender] += gas * rehearsal.gas_price
        for sender, cost in costs.items():
            balance = deployment.transport.balance(sender)
            # What a contract owns is sent by others, who pay the gas.
            if balance < cost and not deployment.transport.code(sender):
                raise EtherMissing(sender, balance, cost)

    def _hand_over(
        self, deployment: Deployment, kind: OwnerKind, signers: Mapping[str, Signer]
    ) -> None:
        """For owners that sign nothing here."""
        with self._progress(deployment) as on_step:
            calls = hand_over(deployment, signers, on_step, self._keep)
        path = self.manifest.with_suffix(".owner.json")
        superseded = write_owner_file(path, place_of(deployment), kind, calls)
        if superseded is not None:
            self.console.print(
                f"[yellow]note[/]  operation {superseded} is still scheduled, and can "
                "be executed: the file has the call that cancels it",
                soft_wrap=True,
            )
        owner = deployment.target.roles.owner
        self.console.print(
            f"The rest is for the owner, the {kind.value} {owner}: "
            f"{counted(len(calls), 'call')}, in {path}\n"
            "Run this again when they are done: it verifies them, and writes the manifest.",
            soft_wrap=True,
        )

    def _write(self, deployment: Deployment, rehearsal: Rehearsal, path: Path) -> None:
        estimates = Estimates(gas=rehearsal.gas, gas_price=rehearsal.gas_price)
        pinned = pin(deployment.plan, _pinning(deployment), estimates if rehearsal.gas else None)
        pinned.save(path)
        self.console.print(f"Nothing was sent.\nPlan  {path}\nHash  {pinned.hash}", soft_wrap=True)

    def _apply(self, deployment: Deployment, signers: Mapping[str, Signer]) -> Deployed:
        with self._progress(deployment) as on_step:
            return complete(
                deployment, signers, on_step, self._keep, confirmations=self.confirmations
            )

    @contextmanager
    def _progress(self, deployment: Deployment) -> Iterator[OnStep]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task("sending", total=len(deployment.plan.steps))

            def show(position: int, step: Step, _: Receipt) -> None:
                progress.update(task, completed=position, description=step.does)

            yield show

    def _keep(self, manifest: Manifest) -> None:
        manifest.save(self.manifest)

    def _tell(self, deployed: Deployed) -> None:
        # All code on chain is the build's, no matter who deployed it.
        shutil.copyfile(LAYOUT, self._layout)
        if deployed.receipts:
            gas = sum(receipt.gas_used for receipt in deployed.receipts)
            self.console.print(
                f"Sent {counted(len(deployed.receipts), 'transaction')}, {gas:,} gas."
            )
        self.console.print(f"Verified on chain: {checks_text(deployed.checks)}.")
        self.console.print(
            f"Diamond  {deployed.manifest.diamond}\nManifest {self.manifest}", soft_wrap=True
        )

    @property
    def _layout(self) -> Path:
        """The storage layout of what was deployed."""
        return self.manifest.with_suffix(".layout.json")

    def _compare_layouts(self) -> None:
        """Raises `LayoutBroken` when the new facets would read what the old ones did not write."""
        if not self._layout.exists():
            if not self.unchecked_layout:
                raise LayoutUnknown(str(self._layout))
            self.console.print(f"[yellow]note[/]  storage was not compared: no {self._layout}")
            return
        old, new = load_layout(self._layout), load_layout(LAYOUT)
        if compare_layouts(old, new):
            self.console.print(layout_table(old, new))
        require_compatible(old, new)


def _pinning(deployment: Deployment) -> Pinning:
    return Pinning(deployment.network, deployment.name, deployment.state.chain_id)
