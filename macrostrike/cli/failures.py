"""What a command says when something goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from macrostrike.errors import MacroStrikeError


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """What is refused, and a file that can't be read or written, is one sentence and exit code 1.

    Anything else is a bug, and keeps its traceback.
    """
    try:
        yield
    except MacroStrikeError as failure:
        raise click.ClickException(str(failure)) from failure
    except OSError as failure:
        if failure.filename is None:
            raise
        raise click.ClickException(f"{failure.filename}: {failure.strerror}") from failure
