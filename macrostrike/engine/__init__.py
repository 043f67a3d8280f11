"""Engines: what predicts, and what signs.

The product is the execution; an engine is a plug. Whatever has the two methods of `Predictor` is
one, in this process; others send signed predictions over HTTP. `ReferenceEngine` is the one that
ships: read `NO_EDGE` before its figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.engine._labels import Barriers, Costs
    from macrostrike.engine._models import MODELS, Model
    from macrostrike.engine._predictor import Forecast, Predictor, Result
    from macrostrike.engine._record import Claims
    from macrostrike.engine._reference import NO_EDGE, ReferenceEngine
    from macrostrike.engine._remote import IntakeClient
    from macrostrike.engine._signer import EngineSigner

__all__ = [
    "MODELS",
    "NO_EDGE",
    "Barriers",
    "Claims",
    "Costs",
    "EngineSigner",
    "Forecast",
    "IntakeClient",
    "Model",
    "Predictor",
    "ReferenceEngine",
    "Result",
]

_MODULES = {
    "._labels": ("Barriers", "Costs"),
    "._models": ("MODELS", "Model"),
    "._predictor": ("Forecast", "Predictor", "Result"),
    "._record": ("Claims",),
    "._reference": ("NO_EDGE", "ReferenceEngine"),
    "._remote": ("IntakeClient",),
    "._signer": ("EngineSigner",),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
