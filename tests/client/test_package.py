"""What `import macrostrike` gives, and what it costs."""

from __future__ import annotations

import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from flit_core import buildapi

import macrostrike
from macrostrike import chain

HEAVY = ("ape", "eth_account", "eth_abi", "pydantic", "pyrevm", "requests", "sqlalchemy", "web3")


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(macrostrike.__file__).parents[1],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    ).stdout


def test_importing_it_imports_nothing_heavy() -> None:
    code = f"import macrostrike, sys; print([m for m in {HEAVY} if m in sys.modules])"
    assert run(code).strip() == "[]"


def test_the_client_in_process_needs_no_node_library_and_none_needs_ape() -> None:
    code = (
        "import sys; from macrostrike import MacroStrike, RevmTransport, Prediction; "
        "print([m for m in ('web3', 'ape') if m in sys.modules])"
    )
    assert run(code).strip() == "[]"
    code = "import sys; import macrostrike.cli.plain; print('ape' in sys.modules)"
    assert run(code).strip() == "False"
    code = "import sys; from macrostrike import RpcTransport; print('ape' in sys.modules)"
    assert run(code).strip() == "False"


def test_the_wheel_has_the_contracts_and_no_mock_of_a_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D15. LocalUSD and MarketDriver are what local chains and replays deploy."""
    root = Path(macrostrike.__file__).parents[1]
    monkeypatch.chdir(root)
    names = set(ZipFile(tmp_path / buildapi.build_wheel(str(tmp_path))).namelist())
    assert {
        "macrostrike/py.typed",
        "macrostrike/_artifacts/StrikeBotFacet.json",
        "macrostrike/_artifacts/storage-layout.json",
        "macrostrike/_artifacts/LocalUSD.json",
    } <= names
    mocks = {path.stem for path in (root / "contracts" / "mocks").glob("*.sol")}
    shipped = {mock for mock in mocks if f"macrostrike/_artifacts/{mock}.json" in names}
    assert shipped == {"LocalToken", "LocalUSD", "MarketDriver"}
    assert not [name for name in names if "Hostile" in name or name.startswith("tests/")]


@pytest.mark.parametrize("package", [macrostrike, chain])
def test_every_name_that_is_exported_is_there_and_documented(package: object) -> None:
    assert inspect.ismodule(package)
    assert sorted(package.__all__) == package.__all__
    for name in package.__all__:
        assert inspect.getdoc(getattr(package, name))
    assert set(dir(package)) == set(package.__all__)


def test_a_name_that_is_none_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match="noSuchName"):
        macrostrike.noSuchName  # noqa: B018


@pytest.mark.parametrize(
    "module", ["client", "types", "errors", "abi", "signing", "manifest", "chain"]
)
def test_every_public_function_and_method_says_what_it_does(module: str) -> None:
    imported = importlib.import_module(f"macrostrike.{module}")
    for name, member in vars(imported).items():
        if name.startswith("_") or not getattr(member, "__module__", "").startswith("macrostrike"):
            continue
        assert inspect.getdoc(member), name


def test_it_is_typed() -> None:
    assert (Path(macrostrike.__file__).parent / "py.typed").exists()
