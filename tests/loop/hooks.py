"""Both ends of a webhook in processes of their own, to be killed.

`python -m tests.loop.hooks receive PORT FILE` writes what it is sent to a file, a line each.
`python -m tests.loop.hooks push JOURNAL URL` pushes a journal's outcomes.
"""

from __future__ import annotations

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from macrostrike.journal import Journal
from macrostrike.loop import OutcomePush
from macrostrike.webhooks import SIGNATURE_HEADER, Receiver

SECRET = b"a secret of the test alone"


def receive(port: int, file: Path) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with file.open("ab") as lines:
                lines.write(self.headers[SIGNATURE_HEADER].encode() + b"\t" + body + b"\n")
                lines.flush()
                os.fsync(lines.fileno())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not on the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


def push(location: str, url: str) -> None:
    with Journal.open(location) as journal:
        outcomes = OutcomePush(journal, Receiver(url, SECRET), on_failure=print)
        print("pushing", flush=True)
        outcomes.run(threading.Event(), every=0.02, longest=0.1)


if __name__ == "__main__":
    if sys.argv[1] == "receive":
        receive(int(sys.argv[2]), Path(sys.argv[3]))
    push(sys.argv[2], sys.argv[3])
