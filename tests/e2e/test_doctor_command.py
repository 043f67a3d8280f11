"""`ape run doctor` on a real anvil, in processes of its own."""

from __future__ import annotations

import json
from pathlib import Path

from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.executor import Executor
from macrostrike.journal import IntentState, Journal
from macrostrike.testing import deploy_world

from .support import run


def test_the_doctor_names_what_is_stuck_and_does_the_safe_act(tmp_path: Path) -> None:
    with start_anvil() as url:
        world = deploy_world(AnvilTransport(url))
        manifest = tmp_path / "macrostrike.json"
        world.manifest.save(manifest)
        command = ["run", "doctor", "--network", f"ethereum:local:{url}"]
        command += ["--manifest", str(manifest)]
        code, output = run(*command)
        assert code == 0, output
        assert "Nothing is stuck." in output
        with Journal.open(tmp_path / "macrostrike.sqlite") as journal:
            with Executor(world.transport, world.operator, journal) as executor:
                ticket = executor.submit(world.owner.address, b"", value=1)
            journal.change_intent(ticket.hash, IntentState.UNKNOWN)
        code, output = run(*command, "--json")
        assert code == 4, output
        (finding,) = json.loads(output[output.index("[\n") :])
        assert finding["kind"] == "unknown outcome"
        code, output = run(*command, "--act")
        assert code == 0, output
        assert f"{ticket.hash.hex()} is confirmed." in output
        assert "Nothing is stuck." in output
