"""A target that extends another one, and so says only what is different on its chain.

Mappings are merged key by key; lists of mappings with a `name`, such as markets, by that name; what
else both have is the extending target's. A value of `null` removes a key. `fleet.every_bot` is laid
over each of the 25 bots, inherited or not. Chain ids, tokens, factories and roles are never
inherited: an address that receives or moves money is in each file that uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from macrostrike.deploy.target._yaml import Document, Place, Where

OWN = ("chain_ids", "tokens", "factories", "roles", "upgrade")
_REMOVED = "null"
_EVERY_BOT = "every_bot"


def extended(base: Document, own: Document) -> Document:
    """The target that `own` is when it extends `base`. Lines of `base` keep its name."""
    inherited = {name: value for name, value in base.content.items() if name not in OWN}
    said = {name: value for name, value in own.content.items() if name != "extends"}
    merged = _Merged(base, own)
    content = merged.mapping(inherited, said, (), (), ())
    return Document(content, merged.lines, [*base.faults, *own.faults])


def with_every_bot(document: Document) -> Document:
    """`fleet.every_bot` laid over the rows of the bots, which then are as if written so."""
    fleet = document.content.get("fleet")
    if not isinstance(fleet, Mapping) or not isinstance(fleet.get(_EVERY_BOT), Mapping):
        return document
    over, strategies = fleet[_EVERY_BOT], fleet.get("strategies")
    rest = {name: value for name, value in fleet.items() if name != _EVERY_BOT}
    if isinstance(strategies, Mapping):
        rest["strategies"] = {
            name: [{**row, **over} if isinstance(row, Mapping) else row for row in rows]
            if isinstance(rows, list)
            else rows
            for name, rows in strategies.items()
        }
    content = {**document.content, "fleet": rest}
    return Document(content, document.lines, document.faults)


class _Merged:
    """The lines of a merged document, gathered while it is merged."""

    def __init__(self, base: Document, own: Document) -> None:
        self._base, self._own = base, own
        self.lines: dict[Place, Where] = {(): own.where(())}

    def mapping(
        self, base: Mapping[str, Any], own: Mapping[str, Any], at: Place, before: Place, now: Place
    ) -> dict[str, Any]:
        """`at` is the place in the result, `before` and `now` those in the two documents."""
        merged = {}
        for name in dict.fromkeys((*base, *own)):
            place, old, new = (*at, name), (*before, name), (*now, name)
            if name not in own:
                merged[name] = self._copied(self._base, base[name], place, old)
            elif own[name] != _REMOVED or name not in base:
                merged[name] = (
                    self._value(base[name], own[name], place, old, new)
                    if name in base
                    else self._copied(self._own, own[name], place, new)
                )
        return merged

    def _value(self, base: Any, own: Any, at: Place, before: Place, now: Place) -> Any:
        if isinstance(base, Mapping) and isinstance(own, Mapping):
            self.lines[at] = self._own.where(now)
            return self.mapping(base, own, at, before, now)
        if _has_names(base) and _has_names(own):
            self.lines[at] = self._own.where(now)
            return self._named(base, own, at, before, now)
        return self._copied(self._own, own, at, now)

    def _named(
        self, base: list[Any], own: list[Any], at: Place, before: Place, now: Place
    ) -> list[Any]:
        places = {each["name"]: i for i, each in enumerate(own)}
        merged = []
        for i, each in enumerate(base):
            if each["name"] in places:
                j = places.pop(each["name"])
                merged.append(self._value(each, own[j], (*at, i), (*before, i), (*now, j)))
            else:
                merged.append(self._copied(self._base, each, (*at, i), (*before, i)))
        for j in places.values():
            merged.append(self._copied(self._own, own[j], (*at, len(merged)), (*now, j)))
        return merged

    def _copied(self, document: Document, value: Any, at: Place, source: Place) -> Any:
        """A value of one document as it is, with the lines of all that is in it."""
        for place, where in document.lines.items():
            if place[: len(source)] == source:
                self.lines[at + place[len(source) :]] = where
        return value


def _has_names(value: Any) -> bool:
    """Whether it is a list of mappings that each have a name of their own."""
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        return False
    names = [each.get("name") for each in value]
    return None not in names and len(set(map(str, names))) == len(names)
