"""`ape run replay`: a scripted run and market history through the same contracts and client."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from macrostrike.build import ROOT
from macrostrike.chain import AnvilTransport, RevmTransport, RpcTransport, start_anvil
from macrostrike.cli.failures import in_one_sentence
from macrostrike.market import Market, find_market, read_market, synthetic_market
from macrostrike.replay import (
    TRIALS,
    EngineSettings,
    GasPrice,
    Kind,
    Policy,
    Replay,
    Report,
    Scenario,
    differences,
    document,
    no_collector,
    print_report,
    print_scenario,
    read_swaps,
    read_trials,
    reference_script,
    render_page,
    replay,
    report_of,
    run_scenario,
)
from macrostrike.replay.sweep import (
    judge,
    print_sweep,
    read_plan,
    run_sweep,
    sweep_document,
    write_parquet,
)

_MADE_UP_DAYS = 35
_STARTS_AT = 1_800_000_000


@click.command()
@click.option(
    "--prices",
    type=click.Path(path_type=Path),
    help="CSV of minutes; by default those in ../shared/data/market, or made-up ones.",
)
@click.option("--pool", help="A Uniswap V3 pool whose swaps are the prices.")
@click.option("--base", help="The token of that pool that is traded.")
@click.option("--blocks", nargs=2, type=int, help="First and last block of the swaps.")
@click.option(
    "--rpc-url", envvar="MACROSTRIKE_RPC_URL", help="The node; better by MACROSTRIKE_RPC_URL."
)
@click.option("--seed", default=1, show_default=True, help="Of the made-up prices.")
@click.option("--strikes", default=1500, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--resume-after",
    default=3600,
    show_default=True,
    type=click.IntRange(min=0),
    help="Seconds until the owner resumes a fleet that the breakers halted.",
)
@click.option(
    "--gas-gwei", default=0.05, show_default=True, type=click.FloatRange(min=0), help="Assumed."
)
@click.option(
    "--l1-usd",
    default=0.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Assumed for the data of a transaction, where the chain pays an L1.",
)
@click.option(
    "--latency-blocks", default=0, show_default=True, type=click.IntRange(0, 30), help="Of 2 s."
)
@click.option(
    "--flow",
    default=0,
    show_default=True,
    type=click.IntRange(-10_000_000, 10_000_000),
    help="USDC that others swap the same way just before each of the fleet's swaps.",
)
@click.option(
    "--engine",
    type=click.Choice([each.value for each in Kind]),
    default=Kind.REFERENCE.value,
    show_default=True,
)
@click.option(
    "--size",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.01, 10),
    help="Times the bots' usual shares.",
)
@click.option("--anvil", is_flag=True, help="The scenario on anvil too, with both times.")
@click.option(
    "--verify",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="A replay.json: run it again, and compare the receipts. Writes nothing.",
)
@click.option(
    "--sweep",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="A YAML file of settings to try: replays of all, and what picking the best is worth.",
)
@click.option("--scheduler", help="Of a Dask cluster that runs the sweep, as tcp://HOST:PORT.")
@click.option(
    "--workers", type=click.IntRange(min=0), help="Processes of a sweep here; one a core."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / "reports",
    help="Folder of the reports and of the registry of trials.",
    show_default="reports",
)
def cli(
    prices: Path | None,
    pool: str | None,
    base: str | None,
    blocks: tuple[int, int] | None,
    rpc_url: str | None,
    seed: int,
    strikes: int,
    resume_after: int,
    gas_gwei: float,
    l1_usd: float,
    latency_blocks: int,
    flow: int,
    engine: str,
    size: float,
    anvil: bool,
    verify: Path | None,
    sweep: Path | None,
    scheduler: str | None,
    workers: int | None,
    out: Path,
) -> None:
    """Replay in process: no node, no network.

    Writes replay.json and replay.html, or sweep.json and sweep.parquet, and enters every trial in
    trials.jsonl.
    """
    console, began = Console(), process_time()
    with in_one_sentence():
        asked = _swaps(pool, base, blocks, rpc_url) if pool is not None else None
        market = asked or _market(prices, seed)
        read = process_time()
        if verify is not None:
            _verify(console, market, verify)
            return
        if sweep is not None:
            _sweep(console, market, sweep, out, scheduler, workers)
            return
        scenario = _scenario(console)
        on_anvil = _on_anvil(console) if anvil else None
        print_scenario(console, scenario, on_anvil)
        apart = process_time() - read
        policy = Policy(
            strikes=strikes,
            resume_after=resume_after,
            latency_blocks=latency_blocks,
            flow=flow,
            size=size,
        )
        gas, settings = GasPrice(gas_gwei, l1_usd), EngineSettings(Kind(engine))
        read_trials(out / TRIALS)
        report = report_of(_replay(console, market, settings, policy, gas), out / TRIALS)
    print_report(console, report)
    whole = process_time() - began - apart
    console.print(f"{whole:.1f} s of one core for this market, from reading it to its report.")
    for path in _write(out, report, scenario, on_anvil, whole):
        console.print(f"{os.path.relpath(path)} written")


def _verify(console: Console, market: Market, path: Path) -> None:
    """Exits with 1 where a second run does not give the recorded receipt."""
    try:
        recorded = json.loads(path.read_text(encoding="utf-8-sig"))["receipt"]
        parameters = recorded["parameters"]
    except (ValueError, KeyError, TypeError) as failure:
        raise click.ClickException(
            f"{path} is not a replay.json: name one of `make replay`"
        ) from failure
    if parameters["engine"] is None:
        raise click.ClickException(f"{parameters['predictor']} is known to its own program alone")
    engine = parameters["engine"]
    settings = EngineSettings(**engine | {"kind": Kind(engine["kind"])})
    policy, gas = Policy(**parameters["policy"]), GasPrice(**parameters["gas"])
    done = _replay(console, market, settings, policy, gas)
    if found := differences(done.receipt, recorded):
        raise click.ClickException("another run than the receipt's: " + "; ".join(found))
    console.print(f"The same, to the unit: receipt {done.receipt.hash}")


def _sweep(
    console: Console,
    market: Market,
    path: Path,
    out: Path,
    scheduler: str | None,
    workers: int | None,
) -> None:
    plan, registry = read_plan(path), out / TRIALS
    with _progress(console, "sweep: trials", len(plan.trials)) as done:
        results = run_sweep(
            market,
            plan,
            out,
            registry=registry,
            scheduler=scheduler,
            workers=workers,
            on_done=lambda count, _: done(count),
        )
    found = judge(plan, market, results, registry)
    print_sweep(console, found)
    table, data = out / "sweep.parquet", out / "sweep.json"
    write_parquet(table, plan.trials, results)
    data.write_text(json.dumps(sweep_document(found), indent=1) + "\n", encoding="utf-8")
    for written in (table, data):
        console.print(f"{os.path.relpath(written)} written")


def _swaps(
    pool: str, base: str | None, blocks: tuple[int, int] | None, rpc_url: str | None
) -> Market:
    if base is None or not blocks or rpc_url is None:
        raise click.UsageError("--pool needs --base, --blocks and a node")
    first, last = blocks
    return read_swaps(RpcTransport(rpc_url), pool, base, from_block=first, to_block=last)


@no_collector()
def _market(prices: Path | None, seed: int) -> Market:
    if prices is not None:
        return read_market(prices)
    return find_market() or synthetic_market(seed, _MADE_UP_DAYS * 1440)


@no_collector()
def _scenario(console: Console) -> Scenario:
    script = reference_script()
    with _progress(console, "scenario: strikes", len(script)) as done:
        return run_scenario(RevmTransport(timestamp=_STARTS_AT), script, done)


def _on_anvil(console: Console) -> Scenario:
    script = reference_script()
    options = ("--timestamp", str(_STARTS_AT), "--prune-history")
    with (
        start_anvil(*options) as url,
        _progress(console, "scenario on anvil: strikes", len(script)) as done,
    ):
        return run_scenario(AnvilTransport(url), script, done)


def _replay(
    console: Console,
    market: Market,
    settings: EngineSettings,
    policy: Policy,
    gas: GasPrice,
) -> Replay:
    with _progress(console, "market: minutes", len(market.bars)) as done:
        return replay(
            market,
            settings.make(),
            name=settings.name,
            engine=settings.plain(),
            policy=policy,
            gas=gas,
            on_minute=lambda minutes, _: done(minutes),
        )


@contextmanager
def _progress(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    step = max(1, total // 200)  # what is shown more often costs time
    # Each picture of a terminal takes milliseconds of what is measured.
    with Progress(*columns, console=console, transient=True, refresh_per_second=2) as progress:
        task = progress.add_task(what, total=total)

        def done(count: int) -> None:
            if count % step == 0:
                progress.update(task, completed=count)

        yield done


def _write(
    out: Path, report: Report, scenario: Scenario, on_anvil: Scenario | None, whole: float
) -> tuple[Path, Path]:
    out.mkdir(parents=True, exist_ok=True)
    data, page = out / "replay.json", out / "replay.html"
    found = document(report, scenario, on_anvil, whole_seconds=whole)
    data.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    page.write_text(render_page(report, scenario), encoding="utf-8")
    return data, page
