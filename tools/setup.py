"""Installs what MacroStrike is built and tested with, once.

Everything is pinned and hashed by the lock files and stays in the project (`.venv`, `node_modules`); only the
compiler goes where py-solc-x looks for it. A stamp beside each part holds what it was made from, so that nothing is
done again while that is unchanged. Runs on the standard library of any supported Python.
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
VENV = ROOT / ".venv"
BIN = VENV / "bin"
NODE_MODULES = ROOT / "node_modules"
SOLC_VERSION = "0.8.37"
FOUNDRY_VERSION = "1.7.1"


class SetupError(Exception):
    """What is missing, and how to mend it."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def run(command: list[str | Path], mend: str, **env: str) -> str:
    """Standard output of `command`; what it printed and `mend` when it fails."""
    result = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if result.returncode:
        tail = "\n".join((result.stdout + result.stderr).strip().splitlines()[-20:])
        raise SetupError(f"{Path(command[0]).name} failed: {mend}\n{tail}")
    return result.stdout


def key(*parts: Path | str) -> str:
    """A digest of files (by content) and strings."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def once(stamp: Path, wanted: str, what: str, work: Callable[[], None]) -> None:
    """Does `work` unless `stamp` says that it was done for `wanted`."""
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say(f"{what} ...")
    started = time.monotonic()
    stamp.unlink(missing_ok=True)
    work()
    stamp.write_text(wanted)
    say(f"{what}: done in {time.monotonic() - started:.0f} s")


def need(program: str, mend: str) -> str:
    found = shutil.which(program)
    if not found:
        raise SetupError(f"{program} is missing: {mend}")
    return found


def check_prerequisites() -> None:
    need("git", "install git (apt install git, brew install git)")
    node = need("node", "install Node.js 18 or newer (https://nodejs.org)")
    need("npm", "install npm, which comes with Node.js 18 or newer (https://nodejs.org)")
    version = run([node, "--version"], "check your Node.js installation").strip()
    if int(version.lstrip("v").split(".")[0]) < 18:
        raise SetupError(f"node is {version}: install Node.js 18 or newer (https://nodejs.org)")


def make_venv() -> None:
    mend = "install the venv module (apt install python3-venv), or remove .venv and try again"
    base = getattr(sys, "_base_executable", sys.executable)  # this may be the very .venv that is to be made anew
    run([base, "-m", "venv", "--clear", VENV], mend)
    lock = ROOT / "requirements-bootstrap.lock"
    pip: list[str | Path] = [BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", lock], "check the network and your pip settings")


def install_python() -> None:
    if not usable_venv():
        make_venv()
    uv: list[str | Path] = [BIN / "uv", "--quiet", "pip"]
    env = uv_settings()
    mend = "check the network; behind a mirror set UV_DEFAULT_INDEX"
    # Without build isolation nothing unpinned is fetched for the few packages that ship no wheel.
    sync: list[str | Path] = ["sync", "--require-hashes", "--no-build-isolation", "requirements.lock"]
    run([*uv, *sync], mend, **env)
    run([*uv, "install", "--no-deps", "--no-build-isolation", "--editable", ROOT], mend, **env)


def uv_settings() -> dict[str, str]:
    """What pip does by itself: trusts the certificates that the machine trusts, and asks the mirror that pip was given."""
    settings = {"VIRTUAL_ENV": str(VENV), "UV_SYSTEM_CERTS": os.environ.get("UV_SYSTEM_CERTS", "1")}
    if "PIP_INDEX_URL" in os.environ:
        settings["UV_DEFAULT_INDEX"] = os.environ.get("UV_DEFAULT_INDEX", os.environ["PIP_INDEX_URL"])
    return settings


def usable_venv() -> bool:
    """Whether `.venv` is this project's own: made here, by a supported Python that is still there, with uv in it."""
    config = VENV / "pyvenv.cfg"
    made_here = config.is_file() and str(VENV) in (BIN / "activate").read_text()
    return made_here and (BIN / "uv").exists() and (BIN / "python").exists()


def install_node_packages() -> None:
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "check the network and your npm settings")


def compiler_version(solc: Path) -> str | None:
    try:
        answer = subprocess.run([solc, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"Version: (\d+\.\d+\.\d+)", answer.stdout)
    return found[1] if found and answer.returncode == 0 else None


def foreign_compiler(solc: Path) -> bool:
    """Whether a solc of the right version that is not ours (a native one) is in place: it is faster, and stays."""
    if not solc.is_file() or b"wasm-solc-" in solc.read_bytes()[:4096]:
        return False
    return compiler_version(solc) == SOLC_VERSION


def install_compiler() -> None:
    """Lays the WebAssembly compiler where py-solc-x looks, whole, so that it outlives this project's folder."""
    target, home = solc_places()
    home.mkdir(parents=True, exist_ok=True)
    put(NODE_MODULES / "solc" / "soljson.js", home / "soljson.js")
    ask = "process.stdout.write(require(process.argv[1]).cwrap('solidity_version', 'string', [])())"
    version = run(["node", "-e", ask, home / "soljson.js"], "install Node.js 18 or newer, which the compiler runs on")
    (home / "version").write_text(version)
    put(ROOT / "tools" / "solc.js", target)
    target.chmod(0o755)
    if compiler_version(target) != SOLC_VERSION:
        raise SetupError(f"{target} does not answer --version with {SOLC_VERSION}: remove it and try again")


def solc_places() -> tuple[Path, Path]:
    """The executable, by the name that py-solc-x looks for, and the folder with what it needs."""
    folder = Path(os.environ.get("SOLCX_BINARY_PATH") or Path.home() / ".solcx")
    return folder / f"solc-v{SOLC_VERSION}", folder / f"wasm-solc-{SOLC_VERSION}"


def put(source: Path, target: Path) -> None:
    """Copies at once: another project may be compiling with what is there."""
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copy(source, partial)
    partial.replace(target)


def link(name: str, target: Path) -> None:
    """`.venv/bin/<name>` → `target`, so that an activated environment finds it."""
    place = BIN / name
    if place.is_symlink() and place.readlink() == target:
        return
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def foundry_binary(tool: str) -> Path:
    """From npm where a package for this machine is locked, else the machine's own."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    packed = NODE_MODULES / "@foundry-rs" / f"{tool}-{platform.system().lower()}-{machine}" / "bin" / tool
    if packed.exists():
        return packed
    elsewhere = os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if Path(p) != BIN)
    found = shutil.which(tool, path=elsewhere)
    if not found:
        raise SetupError(f"no {tool} for this machine in npm's packages: install Foundry {FOUNDRY_VERSION}")
    return Path(found)


def main() -> int:
    try:
        set_up()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def set_up() -> None:
    venv_stamp, node_stamp = VENV / "macrostrike.stamp", NODE_MODULES / ".macrostrike.stamp"
    solc, solc_home = solc_places()
    if not (venv_stamp.is_file() and node_stamp.is_file() and solc.exists()):
        check_prerequisites()
    if not usable_venv():
        venv_stamp.unlink(missing_ok=True)
    venv_key = key(ROOT / "requirements.lock", ROOT / "pyproject.toml", str(VENV))
    once(venv_stamp, venv_key, "Python packages (.venv)", install_python)
    once(node_stamp, key(ROOT / "package-lock.json", ROOT / ".npmrc"), "npm packages (node_modules)", install_node_packages)
    if not foreign_compiler(solc):
        if not solc.exists():
            (solc_home / "stamp").unlink(missing_ok=True)
        once(solc_home / "stamp", key(SOLC_VERSION, ROOT / "tools" / "solc.js"), f"solc {SOLC_VERSION}", install_compiler)
    link(f"solc-{SOLC_VERSION}", solc)
    for tool in ("anvil", "forge"):
        link(tool, foundry_binary(tool))


if __name__ == "__main__":
    sys.exit(main())
