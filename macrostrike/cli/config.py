"""Settings of commands: flags over environment, environment over one YAML file.

    service:            # of every command
      manifest: deployments/ethereum-sepolia/macrostrike.json
      journal: postgresql+psycopg://…
    loop:               # of `ape run loop`
      every: 1.0

Keys are the options' names. In the environment they are `MACROSTRIKE_JOURNAL` and so on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import wraps
from pathlib import Path
from typing import Any

import click
import yaml
from click.core import ParameterSource

from macrostrike.errors import MacroStrikeError

PREFIX = "MACROSTRIKE"
COMMON = "service"
COMMANDS = (
    *("bots", "doctor", "drill", "intake", "loop", "monitor", "pause", "rebalance", "resume"),
    *("revoke", "settle", "settler", "stats", "status", "strike", "taker", "transfer-ownership"),
    *("unpause", "watchdog"),
)
"""Sections that a file may have besides `service`: the commands that take `--config`."""
_NOT_HERE = {"config", "show-config", "network", "provider-settings", "v"}
"""Options that no file sets: these, and Ape's."""
_PASSWORD = re.compile(r"(://[^:/@]*):[^@]*@")


class ConfigInvalid(MacroStrikeError):
    """A file of settings has something that no command knows."""


def config_options(command: click.Command) -> click.Command:
    """Adds `--config` and `--show-config` to a command."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    command.params += [
        click.Option(
            ["--config"],
            type=file,
            is_eager=True,
            expose_value=False,
            callback=_load,
            help=f"YAML with sections `{COMMON}` and the command's name; keys are these options.",
        ),
        click.Option(
            ["--show-config"],
            is_flag=True,
            help="Print every setting with where it is from, without secrets, and end.",
        ),
    ]
    command.context_settings["auto_envvar_prefix"] = PREFIX
    work = command.callback
    assert work is not None, "a command does something"

    @wraps(work)  # Ape looks at what it takes
    def shown_or_done(*args: Any, show_config: bool, **values: Any) -> Any:
        if show_config:
            _show(click.get_current_context())
            return None
        return work(*args, **values)

    command.callback = shown_or_done
    return command


def settings(path: Path, section: str, known: Mapping[str, str]) -> dict[str, Any]:
    """A command's settings in a file, by parameter.

    known: parameters by the names that keys have. Raises `ConfigInvalid`.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as failure:
        raise ConfigInvalid(f"{path}: it can't be read: {failure}") from failure
    if not isinstance(content, dict):
        raise ConfigInvalid(f"{path}: it must have sections, such as `{COMMON}:`")
    for name in content:
        if name not in {COMMON, *COMMANDS}:
            raise ConfigInvalid(f"{path}: `{name}:` is unknown{_nearest(name, COMMANDS)}")
    merged: dict[str, Any] = {}
    for name in (COMMON, section):
        part = content.get(name) or {}
        if not isinstance(part, dict):
            raise ConfigInvalid(f"{path}: `{name}` must have keys and values")
        for key, value in part.items():
            if key in known:
                merged[known[key]] = value
            elif name == section or get_close_matches(str(key), known, n=1, cutoff=0.8):
                raise ConfigInvalid(f"{path}: `{name}.{key}` is unknown{_nearest(key, known)}")
    return merged


def _nearest(key: object, known: Collection[str]) -> str:
    close = get_close_matches(str(key), known, n=1)
    return f": do you mean `{close[0]}`?" if close else f". Known are {', '.join(sorted(known))}"


def _load(context: click.Context, _: click.Parameter, path: Path | None) -> None:
    if path is not None:
        section = (context.info_name or "").replace("_", "-")
        try:
            context.default_map = settings(path, section, _known(context.command))
        except ConfigInvalid as failure:
            raise click.UsageError(str(failure), context) from failure


def _show(context: click.Context) -> None:
    for key, name in sorted(_known(context.command).items()):
        value, source = context.params.get(name), context.get_parameter_source(name)
        shown = _PASSWORD.sub(r"\1:…@", str(value))
        where = "file" if source is ParameterSource.DEFAULT_MAP else str(source and source.name)
        click.echo(f"{key}: {shown}  # {where.lower()}")


def _known(command: click.Command) -> dict[str, str]:
    """Parameters by the keys of the file."""
    options = (each for each in command.params if isinstance(each, click.Option) and each.name)
    keys = {each.opts[-1].lstrip("-"): str(each.name) for each in options}
    return {key: name for key, name in keys.items() if key not in _NOT_HERE}
