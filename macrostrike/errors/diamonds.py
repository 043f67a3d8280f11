"""What `ape_diamond` raises, as this project's errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from ape_diamond import errors as theirs
from macrostrike.errors import InvalidValue
from macrostrike.errors.deploying import (
    DeployError,
    LayoutBroken,
    NotADiamond,
    PlanMismatch,
    SignaturesMissing,
)

_P = ParamSpec("_P")
_R = TypeVar("_R")
_KINDS: dict[type[theirs.DiamondError], type[DeployError]] = {
    theirs.LayoutBroken: LayoutBroken,
    theirs.NotADiamond: NotADiamond,
    theirs.PlanMismatch: PlanMismatch,
    theirs.SignaturesMissing: SignaturesMissing,
}


def with_our_errors(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The function, raising `DeployError` where it would raise a `DiamondError`, with the same
    message and values."""

    @wraps(function)
    def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except theirs.NodeRefused as refused:
            raise refused.__cause__ or refused from None
        except theirs.InvalidAddress as refused:
            raise InvalidValue("address", refused.text, refused.why) from None
        except theirs.DiamondError as failure:
            raise _ours(failure) from failure.__cause__

    return called


def _ours(failure: theirs.DiamondError) -> DeployError:
    """With the same message and values, which only theirs are made from."""
    kind = _KINDS.get(type(failure), DeployError)
    ours = kind.__new__(kind, str(failure))
    vars(ours).update(vars(failure))
    return ours
