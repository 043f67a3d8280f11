"""Installs what MacroStrike is built and tested with, once.

Everything is pinned and hashed by the lock files and stays in the project (`.venv`,
`node_modules`); only the compiler goes where py-solc-x looks for it. A stamp beside each part holds
what it was made from, so that nothing is done again while that is unchanged.

Runs on the standard library of any supported Python.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = ROOT / "plugins" / "ape-diamond"
VENV = ROOT / ".venv"
BIN = VENV / "bin"
NODE_MODULES = ROOT / "node_modules"
SOLC_VERSION = "0.8.37"
FOUNDRY_VERSION = "1.7.1"
GET_NODE = "install Node.js 18 or newer (https://nodejs.org)"

Command = list["str | Path"]


class SetupError(Exception):
    """What is missing, and how to fix it."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def run(command: Command, fix: str, settings: dict[str, str] | None = None) -> str:
    """Standard output of `command`. When it fails, `fix` and what it had to say are the error."""
    environment = {**os.environ, **(settings or {})}
    result = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if result.returncode:
        tail = (result.stdout + result.stderr).strip().splitlines()[-20:]
        raise SetupError("\n".join([f"{Path(command[0]).name} failed: {fix}", *tail]))
    return result.stdout


def key(*parts: Path | str) -> str:
    """A digest of files (by content) and strings."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def once(what: str, work: Callable[[], None], stamp: Path, wanted: str) -> None:
    """Does `work` unless `stamp` says that it was done for `wanted`."""
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    say(f"{what} ...")
    started = time.monotonic()
    stamp.unlink(missing_ok=True)
    work()
    stamp.write_text(wanted, encoding="utf-8")
    say(f"{what}: done in {time.monotonic() - started:.0f} s")


def check_prerequisites() -> None:
    for program, fix in (
        ("git", "install git (apt install git, brew install git)"),
        ("node", GET_NODE),
        ("npm", f"{GET_NODE}, which comes with it"),
    ):
        if not shutil.which(program):
            raise SetupError(f"{program} is missing: {fix}")
    version = run(["node", "--version"], GET_NODE).strip()
    if int(version.lstrip("v").split(".")[0]) < 18:
        raise SetupError(f"node is {version}: {GET_NODE}")


# --- Python packages ------------------------------------------------------------------------------


def usable_venv() -> bool:
    """Whether `.venv` was made in this very folder, and its Python and uv are still there."""
    if not all((BIN / name).exists() for name in ("activate", "python", "uv")):
        return False
    return str(VENV) in (BIN / "activate").read_text(encoding="utf-8")


def make_venv() -> None:
    """An empty environment with a pinned uv, which is what installs the rest."""
    # Not sys.executable: that may be the Python of the very .venv which is to be made anew.
    base = getattr(sys, "_base_executable", sys.executable)
    fix = "install Python's venv module (apt install python3-venv)"
    run([base, "-m", "venv", "--clear", VENV], fix)
    pip: Command = [BIN / "python", "-m", "pip", "install", "--quiet", "--require-hashes"]
    wanted: Command = ["--only-binary", ":all:", "-r", "requirements-bootstrap.lock"]
    run([*pip, *wanted], "check the network and pip's settings")


def uv_settings() -> dict[str, str]:
    """What pip does by itself: trusts what the machine trusts, asks the mirror it was given."""
    settings = {"VIRTUAL_ENV": str(VENV)}
    if "UV_SYSTEM_CERTS" not in os.environ:
        settings["UV_SYSTEM_CERTS"] = "1"
    if "PIP_INDEX_URL" in os.environ and "UV_DEFAULT_INDEX" not in os.environ:
        settings["UV_DEFAULT_INDEX"] = os.environ["PIP_INDEX_URL"]
    return settings


def install_python() -> None:
    if not usable_venv():
        make_venv()
    uv: Command = [BIN / "uv", "--quiet", "pip"]
    # Without isolation nothing unpinned is fetched to build the few packages that ship no wheel.
    sync: Command = ["sync", "--require-hashes", "--no-build-isolation", "requirements.lock"]
    project: Command = ["install", "--no-deps", "--no-build-isolation"]
    for folder in (ROOT, PLUGIN):
        project += ["--editable", folder]
    fix = "check the network; a mirror goes into UV_DEFAULT_INDEX"
    for command in (sync, project):
        run([*uv, *command], fix, uv_settings())


# --- npm packages ---------------------------------------------------------------------------------


def install_node() -> None:
    run(["npm", "ci", "--ignore-scripts"], "check the network and npm's settings")


# --- Compiler -------------------------------------------------------------------------------------


def solc_places() -> tuple[Path, Path]:
    """The executable, by the name that py-solc-x looks for, and the folder of what it needs."""
    folder = Path(os.environ.get("SOLCX_BINARY_PATH") or Path.home() / ".solcx")
    return folder / f"solc-v{SOLC_VERSION}", folder / f"wasm-solc-{SOLC_VERSION}"


def solc_version(solc: Path) -> str | None:
    try:
        answer = subprocess.run([solc, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"Version: (\d+\.\d+\.\d+)", answer.stdout)
    return found[1] if found and answer.returncode == 0 else None


def native_solc(solc: Path) -> bool:
    """Whether another solc of this version than ours is in place: it is faster, and stays."""
    if not solc.is_file() or b"wasm-solc-" in solc.read_bytes()[:4096]:
        return False
    return solc_version(solc) == SOLC_VERSION


def install_solc() -> None:
    """Lays the WebAssembly compiler down whole, so that it outlives this project's folder."""
    target, home = solc_places()
    home.mkdir(parents=True, exist_ok=True)
    put(NODE_MODULES / "solc" / "soljson.js", home / "soljson.js")
    ask = "const solc = require(process.argv[1]);"
    ask += "process.stdout.write(solc.cwrap('solidity_version', 'string', [])())"
    (home / "version").write_text(
        run(["node", "-e", ask, home / "soljson.js"], GET_NODE), encoding="utf-8"
    )
    put(ROOT / "tools" / "solc.js", target)
    if solc_version(target) != SOLC_VERSION:
        raise SetupError(f"{target} is not solc {SOLC_VERSION}: remove it and try again")


def put(source: Path, target: Path) -> None:
    """Copies in one step: another project may be compiling with what is there."""
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copy(source, partial)
    partial.chmod(0o755)
    partial.replace(target)


# --- Programs in an activated environment ---------------------------------------------------------


def foundry_program(name: str) -> Path:
    """From npm where a package for this machine is locked, else the machine's own."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    package = f"{name}-{platform.system().lower()}-{machine}"
    packed = NODE_MODULES / "@foundry-rs" / package / "bin" / name
    if packed.exists():
        return packed
    paths = [p for p in os.environ["PATH"].split(os.pathsep) if Path(p) != BIN]
    found = shutil.which(name, path=os.pathsep.join(paths))
    if not found:
        fix = f"install Foundry {FOUNDRY_VERSION} (https://getfoundry.sh)"
        raise SetupError(f"{name} is missing, and npm has none for {package}: {fix}")
    return Path(found)


def link(name: str, target: Path) -> None:
    place = BIN / name
    if place.is_symlink() and place.readlink() == target:
        return
    place.unlink(missing_ok=True)
    place.symlink_to(target)


# --------------------------------------------------------------------------------------------------


def set_up() -> None:
    venv_stamp, node_stamp = VENV / "macrostrike.stamp", NODE_MODULES / ".macrostrike.stamp"
    solc, solc_home = solc_places()
    if not (venv_stamp.exists() and node_stamp.exists() and solc.exists()):
        check_prerequisites()

    if not usable_venv():
        venv_stamp.unlink(missing_ok=True)
    projects = (folder / "pyproject.toml" for folder in (ROOT, PLUGIN))
    venv_key = key(ROOT / "requirements.lock", *projects)
    once("Python packages (.venv)", install_python, venv_stamp, venv_key)

    node_key = key(ROOT / "package-lock.json", ROOT / ".npmrc")
    once("npm packages (node_modules)", install_node, node_stamp, node_key)

    if not native_solc(solc):
        if not solc.exists():
            (solc_home / "stamp").unlink(missing_ok=True)
        solc_key = key(SOLC_VERSION, ROOT / "tools" / "solc.js")
        once(f"solc {SOLC_VERSION}", install_solc, solc_home / "stamp", solc_key)

    link(f"solc-{SOLC_VERSION}", solc)
    for name in ("anvil", "forge"):
        link(name, foundry_program(name))


def main() -> int:
    try:
        set_up()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
