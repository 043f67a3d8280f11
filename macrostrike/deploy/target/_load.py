"""Reading a target file: every section by itself, then the rules between them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import TypeAdapter, ValidationError

from macrostrike.build import ROOT
from macrostrike.deploy.target._rules import faults_across
from macrostrike.deploy.target._schema import Target
from macrostrike.deploy.target._yaml import Place, parse
from macrostrike.errors.deploying import TargetInvalid

TARGETS = ROOT / "deployments" / "targets"


def load_target(path: Path | str) -> Target:
    """Reads a target file; a bare name is one of `deployments/targets`, such as `mainnet.example`.

    Raises `TargetInvalid` with every fault.
    """
    named = TARGETS / f"{path}.yaml"
    file = named if named.is_file() else Path(path)
    try:
        text = file.read_text("utf-8-sig")
    except FileNotFoundError:
        known = ", ".join(sorted(each.stem for each in TARGETS.glob("*.yaml")))
        fault = f"there is no such file, and no such target: {known}"
        raise TargetInvalid(str(path), [fault]) from None
    except (OSError, UnicodeDecodeError) as failure:
        raise TargetInvalid(str(path), [f"can't be read: {failure}"]) from None
    return parse_target(text, file.name)


def parse_target(text: str, source: str = "target") -> Target:
    """Reads a target. `source` is what faults call it. Raises `TargetInvalid`."""
    try:
        document = parse(text)
    except yaml.YAMLError as failure:
        raise TargetInvalid(source, [f"is not YAML: {' '.join(str(failure).split())}"]) from None
    content = document.content
    if not isinstance(content, Mapping):
        raise TargetInvalid(source, ["line 1: must be a mapping with chain_ids, tokens, facets, …"])
    sections, faults = _sections(content)
    faults += document.faults
    faults += faults_across(sections)
    if faults:
        located = sorted((document.line(place), _shown(place), what) for place, what in faults)
        raise TargetInvalid(source, [f"line {n}: {place}: {what}" for n, place, what in located])
    return Target(**sections)


def _sections(content: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[Place, str]]]:
    """Each section on its own, so that a fault in one does not hide those of another."""
    sections: dict[str, Any] = {}
    faults: list[tuple[Place, str]] = [
        ((name,), "is unknown") for name in content if name not in Target.model_fields
    ]
    for name, info in Target.model_fields.items():
        if name not in content:
            if info.is_required():
                faults.append(((name,), "is missing"))
            else:
                sections[name] = info.default
            continue
        try:
            sections[name] = _section(name).validate_python(content[name])
        except ValidationError as failure:
            faults += [((name, *error["loc"]), _said(error)) for error in _own(failure.errors())]
    return sections, faults


@cache
def _section(name: str) -> TypeAdapter[Any]:
    info = Target.model_fields[name]
    annotation: Any = info.annotation
    for rule in info.metadata:
        annotation = Annotated[annotation, rule]
    return TypeAdapter(annotation)


def _own(errors: list[Any]) -> list[Any]:
    """Without lists that are called too short for an item of theirs that has a fault itself."""
    places = [error["loc"] for error in errors]
    return [
        error
        for error in errors
        if error["type"] != "too_short"
        or not any(p != error["loc"] and p[: len(error["loc"])] == error["loc"] for p in places)
    ]


def _said(error: Any) -> str:
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return "is unknown"
    message = str(error["msg"]).removeprefix("Value error, ")
    given = error["input"]
    return (
        f"{message}, not {given!r}" if isinstance(given, str) and given not in message else message
    )


def _shown(place: Place) -> str:
    shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return shown.removeprefix(".")
