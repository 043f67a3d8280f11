"""Settings: flags over environment, environment over file; what is unknown is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from macrostrike.cli.config import ConfigInvalid, config_options, settings

KNOWN = {"journal": "journal", "every": "every", "max-cycles": "max_cycles"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "macrostrike.yaml"
    path.write_text("service: {journal: a.sqlite}\nloop: {every: 2.5}\nintake: {port: 1}\n")
    return path


@pytest.fixture
def command() -> click.Command:
    @click.command("loop")
    @click.option("--journal")
    @click.option("--every", default=0.25, type=float)
    @click.option("--max-cycles", type=int)
    def loop(**values: Any) -> None:
        click.echo(repr(sorted(values.items())))

    return config_options(loop)


def values(command: click.Command, *args: str, **environment: str) -> str:
    result = CliRunner().invoke(command, args, env=environment, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_flags_over_environment_over_file_over_default(command: click.Command, file: Path) -> None:
    assert "('every', 0.25)" in values(command)
    given = ("--config", str(file))
    assert "('every', 2.5), ('journal', 'a.sqlite')" in values(command, *given)
    assert "('every', 3.0)" in values(command, *given, MACROSTRIKE_EVERY="3")
    assert "('every', 4.0)" in values(command, *given, "--every", "4", MACROSTRIKE_EVERY="3")
    assert "('max_cycles', 7)" in values(command, MACROSTRIKE_MAX_CYCLES="7")


def test_a_file_may_be_named_in_the_environment(command: click.Command, file: Path) -> None:
    assert "('every', 2.5)" in values(command, MACROSTRIKE_CONFIG=str(file))


def test_what_is_set_is_shown_with_its_source_and_without_secrets(
    command: click.Command, file: Path
) -> None:
    url = "postgresql+psycopg://ada:secret@db/journal"
    shown = values(command, "--config", str(file), "--journal", url, "--show-config")
    assert "every: 2.5  # file" in shown
    assert "journal: postgresql+psycopg://ada:…@db/journal  # commandline" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("loop: {evry: 1}", "`loop.evry` is unknown: do you mean `every`?"),
        ("loop: {zzz: 1}", "`loop.zzz` is unknown. Known are every, journal, max-cycles"),
        ("service: {journl: a}", "`service.journl` is unknown: do you mean `journal`?"),
        ("loops: {every: 1}", "`loops:` is unknown: do you mean `loop`?"),
        ("loop: [1]", "`loop` must have keys and values"),
        ("- 1", "it must have sections"),
        ("loop: {", "it can't be read"),
    ],
)
def test_what_no_command_knows_is_an_error(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(ConfigInvalid) as invalid:
        settings(path, "loop", KNOWN)
    assert says in str(invalid.value)


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text("")
    assert settings(path, "loop", KNOWN) == {}


def test_what_is_unknown_is_a_usage_error_of_the_command(
    command: click.Command, file: Path
) -> None:
    file.write_text("loop: {evry: 1}", encoding="utf-8")
    result = CliRunner().invoke(command, ["--config", str(file)])
    assert result.exit_code == 2
    assert "do you mean `every`?" in result.output
