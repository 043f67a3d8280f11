"""`ape diamond`: any EIP-2535 diamond."""

from __future__ import annotations

import click

from ape_diamond._cli import _plan, _read


@click.group(short_help="Inspect and cut EIP-2535 diamonds")
def cli() -> None:
    """Inspect and cut EIP-2535 diamonds.

    A diamond is an address, or a name of the section `diamond:` of ape-config.yaml.
    """


for _command in (*_read.COMMANDS, *_plan.COMMANDS):
    cli.add_command(_command)
