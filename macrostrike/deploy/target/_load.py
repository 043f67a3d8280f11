"""Reading a target file: every section by itself, then the rules between them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import TypeAdapter, ValidationError

from macrostrike.build import ROOT
from macrostrike.deploy.target._extends import extended, with_every_bot
from macrostrike.deploy.target._rules import faults_across
from macrostrike.deploy.target._schema import Target
from macrostrike.deploy.target._yaml import Document, Place, Where, parse
from macrostrike.errors.deploying import TargetInvalid

TARGETS = ROOT / "deployments" / "targets"


def load_target(path: Path | str) -> Target:
    """Reads a target file; a bare name is one of `deployments/targets`, such as `mainnet.example`.

    Raises `TargetInvalid` with every fault.
    """
    file = _file_of(path)
    return parse_target(_read(file, str(path)), file.name)


def parse_target(text: str, source: str = "target") -> Target:
    """Reads a target. `source` is what faults call it. Raises `TargetInvalid`.

    What it extends, if anything, is one of `deployments/targets`.
    """
    document = _parse(text, source)
    if "extends" in document.content:
        document = _extending(document, source)
    document = with_every_bot(document)
    sections, faults = _sections(document.content)
    faults += document.faults
    faults += faults_across(sections)
    if faults:
        located = sorted((document.where(place), _shown(place), what) for place, what in faults)
        raise TargetInvalid(
            source, [f"{_line(at)}: {place}: {what}" for at, place, what in located]
        )
    return Target(**sections)


def _extending(document: Document, source: str) -> Document:
    name = str(document.content["extends"])
    base = TARGETS / f"{name}.yaml"
    if not base.is_file():
        line = _line(document.where(("extends",)))
        raise TargetInvalid(source, [f"{line}: extends: there is no target {name!r}: {_known()}"])
    inherited = _parse(_read(base, name), base.name, name=base.name)
    if "extends" in inherited.content:
        raise TargetInvalid(source, [f"extends: {name} itself extends another: name that one"])
    return extended(inherited, document)


def _parse(text: str, source: str, *, name: str = "") -> Document:
    try:
        document = parse(text, name)
    except yaml.YAMLError as failure:
        raise TargetInvalid(source, [f"is not YAML: {' '.join(str(failure).split())}"]) from None
    if not isinstance(document.content, Mapping):
        raise TargetInvalid(source, ["line 1: must be a mapping with chain_ids, tokens, facets, …"])
    return document


def _file_of(path: Path | str) -> Path:
    named = TARGETS / f"{path}.yaml"
    return named if named.is_file() else Path(path)


def _read(file: Path, shown: str) -> str:
    try:
        return file.read_text("utf-8-sig")
    except FileNotFoundError:
        fault = f"there is no such file, and no such target: {_known()}"
        raise TargetInvalid(shown, [fault]) from None
    except (OSError, UnicodeDecodeError) as failure:
        raise TargetInvalid(shown, [f"can't be read: {failure}"]) from None


def _known() -> str:
    return ", ".join(sorted(each.stem for each in TARGETS.glob("*.yaml")))


def _line(where: Where) -> str:
    file, line = where
    return f"{file} line {line}" if file else f"line {line}"


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
