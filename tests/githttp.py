"""git over HTTP on loopback, by git's own server program, for those who show a token."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path


class GitServer:
    """Serves the repositories in a folder; `names` are the users who asked with the right token."""

    def __init__(self, folder: Path, token: str) -> None:
        self.names: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, folder, token))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(server: GitServer, folder: Path, token: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            shown = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
            name, _, password = shown.partition(":")
            if password != token:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            server.names.add(name)
            self._backend(name)

        def _backend(self, name: str) -> None:
            asked = urlsplit(self.path)
            variables = {
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": asked.path,
                "QUERY_STRING": asked.query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_USER": name,
            }
            sent = self._sent()
            variables["CONTENT_LENGTH"] = str(len(sent))
            words = ["git", "http-backend"]
            done = subprocess.run(words, input=sent, env={**os.environ, **variables}, stdout=-1, check=True)
            head, _, body = done.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for field, value in {**fields, "Content-Length": str(len(body))}.items():
                self.send_header(field, value)
            self.end_headers()
            self.wfile.write(body)

        def _sent(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent = b""
            while size := int(self.rfile.readline(), 16):
                sent += self.rfile.read(size)
                self.rfile.readline()
            return sent

        do_GET = do_POST = _any  # noqa: N815  # the names that the base class calls

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
