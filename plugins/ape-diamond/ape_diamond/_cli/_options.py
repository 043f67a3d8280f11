"""What the commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from ape.cli import ConnectedProviderCommand, network_option
from ape.exceptions import ApeException
from ape.logging import LogLevel, logger
from requests.exceptions import RequestException

from ape_diamond._config import KnownDiamond
from ape_diamond._history import Cut, cut_history
from ape_diamond._loupe import DiamondView, inspect_diamond
from ape_diamond._provider import ApeChain
from ape_diamond.errors import DiamondError
from ape_diamond.loading import known_abis, known_diamond

_F = TypeVar("_F", bound=Callable[..., Any])
FILE = click.Path(dir_okay=False, path_type=Path)


class DiamondCommand(ConnectedProviderCommand):
    """A command on a network of Ape's. What goes wrong is one sentence, and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            # Ape says on standard output that it connects, where JSON is expected.
            with logger.at_level(LogLevel.WARNING):
                return super().invoke(ctx)
        except DiamondError as failure:
            raise click.ClickException(str(failure)) from failure
        except (ApeException, RequestException) as failure:
            raise click.ClickException(str(failure).splitlines()[0]) from failure


@dataclass(frozen=True, slots=True)
class Subject:
    """The diamond that a command is about."""

    chain: ApeChain
    known: KnownDiamond
    abis: tuple[Path, ...]

    def view(self) -> DiamondView:
        """As it is now."""
        abis = known_abis(self.known, self.abis)
        return inspect_diamond(self.chain, self.known.address, abis)

    def history(self, from_block: int | None = None) -> tuple[Cut, ...]:
        """Its cuts, from a block or from the one that is configured."""
        first = self.known.from_block if from_block is None else from_block
        return cut_history(self.chain, self.known.address, from_block=first)


def subject(diamond: str, abis: tuple[Path, ...] = ()) -> Subject:
    """On the network that Ape is connected to. Raises `DiamondError`."""
    return Subject(ApeChain.connected(), known_diamond(diamond), abis)


def diamond_command(name: str) -> Callable[[_F], click.Command]:
    """A command about one diamond, with the network and ABIs that it takes."""

    def make(function: _F) -> click.Command:
        for decorate in (
            click.option(
                "--abi",
                "abis",
                multiple=True,
                type=click.Path(exists=True, path_type=Path),
                help="ABI or artifact to name functions by, or a folder of them.",
            ),
            network_option(),
            click.argument("diamond"),
        ):
            function = decorate(function)
        made: click.Command = click.command(name, cls=DiamondCommand)(function)
        return made

    return make


from_block_option = click.option(
    "--from-block",
    type=click.IntRange(min=0),
    help="Where to look for its cuts from: the block that it was created in.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
