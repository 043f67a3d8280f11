"""What somebody mistypes: one sentence that says what to do, and nothing was sent or made."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from macrostrike.chain import RpcTransport
from macrostrike.cli import journals
from macrostrike.cli.commands import COMMANDS
from macrostrike.cli.config import COMMANDS as SECTIONS
from macrostrike.cli.plain import main
from macrostrike.errors import InvalidValue
from macrostrike.testing import World

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.mark.parametrize(
    ("typed", "code", "says"),
    [
        ("bots --manifest FOLDER", 2, "is a directory"),
        ("bots --manifest FOLDER/none.json", 1, "`ape run deploy` writes it"),
        ("bots --manifest FOLDER/empty.json", 1, "deploy again, or restore the file"),
        ("bots --rpc-url http://127.0.0.1:1", 1, "Check that it runs and that the URL is right"),
        ("bots --keystore FOLDER/key.json", 2, "No such option: --keystore"),
        ("stats --model 65536", 2, "0<=x<=65535"),
        ("rebalance --weights 1,2,3", 1, "they are 25 integers with commas between them"),
        ("rebalance --weights 1,2,x", 1, "they are 25 integers with commas between them"),
        ("revoke operator 0x1234", 1, "an address is 0x and 40 hexadecimal digits"),
        ("taker --once --code-hash 0x12", 1, "it is 0x and 64 hexadecimal digits"),
        ("taker --once --native 0x12", 1, "an address is 0x and 40 hexadecimal digits"),
        ("settle", 2, "name strikes by their ids, or say --due or --all"),
        ("strike Long --market 7", 1, "There is no market 7. Use 0 to marketCount less 1."),
        ("strike Long --confidence-bps 9299", 1, "under this signer's floor of 9300"),
        ("strike Long --keystore FOLDER/none.json", 1, "none.json is not a keystore"),
        ("status --target nosuch", 1, "no such target: local, mainnet-fork, mainnet.example"),
        ("transfer-ownership", 2, "name the new owner's address, or say --accept or --cancel"),
        ("pause --journal FOLDER", 1, "the journal's database failed"),
    ],
)
def test_a_mistake_is_one_sentence(
    world: World, tmp_path: Path, typed: str, code: int, says: str
) -> None:
    assert isinstance(world.transport, RpcTransport)
    world.manifest.save(tmp_path / "macrostrike.json")
    (tmp_path / "empty.json").touch()
    command, *options = typed.replace("FOLDER", str(tmp_path)).split()
    at = ["--rpc-url", world.transport.url, "--manifest", str(tmp_path / "macrostrike.json")]
    before = world.transport.block().number
    result = CliRunner().invoke(main, [command, *at, *options], terminal_width=200)
    assert (result.exit_code, "Traceback" in result.output) == (code, False), result.output
    assert says in result.output
    assert world.transport.block().number == before


@pytest.mark.parametrize("location", ["{}/none.sqlite", "sqlite:///{}/none.sqlite"])
def test_a_journal_that_is_read_is_not_made(tmp_path: Path, location: str) -> None:
    with pytest.raises(InvalidValue, match="there is no such file: the loop writes it"):
        journals.existing(location.format(tmp_path))
    assert not list(tmp_path.iterdir())


def test_every_command_that_takes_a_file_of_settings_is_known() -> None:
    """A section of any other name is refused: it would be left aside in silence."""
    takes = ("config_options", "post_command", "day_command")
    found = {p.stem for p in SCRIPTS.glob("*.py") if any(each in p.read_text() for each in takes)}
    assert found | set(COMMANDS) | set(main.commands) == set(SECTIONS)
