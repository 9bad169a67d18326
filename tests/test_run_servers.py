"""The servers that most sites run answer 304 to the run after the one that filled a seed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import wait_for
from tests.site import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Run, Seeds

TEXT = "\n".join(f"Paragraph {number} of a page that is long enough to be compressed." for number in range(60))
MODULES = "/usr/lib/apache2/modules"
CONFIGURATIONS = {
    "nginx": """
daemon off; pid {place}/pid; error_log {place}/errors; events {{}}
http {{ access_log off; gzip on; types {{ text/html html; }} client_body_temp_path {place}/b;
server {{ listen 127.0.0.1:{port}; root {place}/www; }} }}
""",
    "apache2": f"""
ServerName localhost
PidFile {{place}}/pid
ErrorLog {{place}}/errors
Listen 127.0.0.1:{{port}}
DocumentRoot {{place}}/www
LoadModule mpm_event_module {MODULES}/mod_mpm_event.so
LoadModule authz_core_module {MODULES}/mod_authz_core.so
LoadModule mime_module {MODULES}/mod_mime.so
LoadModule filter_module {MODULES}/mod_filter.so
LoadModule deflate_module {MODULES}/mod_deflate.so
TypesConfig /dev/null
AddType text/html .html
AddOutputFilterByType DEFLATE text/html
""",
    "lighttpd": """
server.document-root = "{place}/www"
server.bind = "127.0.0.1"
server.port = {port}
server.modules = ("mod_deflate")
mimetype.assign = (".html" => "text/html")
deflate.mimetypes = ("text/html")
deflate.allowed-encodings = ("gzip")
""",
    "caddy": """
{{
    admin off
    auto_https off
}}
http://127.0.0.1:{port} {{
    root * {place}/www
    encode gzip
    file_server
}}
""",
    "python": "",
}
COMMANDS = {
    "nginx": ["nginx", "-c", "{file}", "-e", "{place}/errors"],
    "apache2": ["apache2", "-DFOREGROUND", "-f", "{file}"],
    "lighttpd": ["lighttpd", "-D", "-f", "{file}"],
    "caddy": ["caddy", "run", "--adapter", "caddyfile", "--config", "{file}"],
    "python": [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", "{place}/www", "{port}"],
}


@pytest.fixture(params=COMMANDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a real server serves a page; the test is skipped where it is not installed."""
    name = request.param
    program = shutil.which(COMMANDS[name][0], path="/usr/sbin:/usr/bin:/usr/local/bin:/sbin:/bin")
    if name != "python" and not program:
        pytest.skip(f"{name} is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "page.html").write_text(page(TEXT), encoding="utf-8")
    for place in (tmp_path / "www", tmp_path, *tmp_path.parents):
        if place == tmp_path / "www" or place.name.startswith(("test_", "pytest-", "popen-")):
            place.chmod(0o755)  # some serve as another user
    file = tmp_path / "configuration"
    values = {"place": tmp_path, "port": port, "file": file}
    file.write_text(CONFIGURATIONS[name].format(**values))
    words = [word.format(**values) for word in COMMANDS[name]]
    server = subprocess.Popen([program or words[0], *words[1:]], stderr=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: server.poll() is not None or listens(port))
        assert server.poll() is None, server.communicate()[1]
        yield f"http://127.0.0.1:{port}/page.html"
    finally:
        server.terminate()
        server.communicate(timeout=30)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_page_that_did_not_change_is_not_sent_again(address: str, seeds: Seeds, crawl: Callable[..., Run]) -> None:
    seeds.add("a.md", address)
    assert crawl().outcomes == {"a.md": "filled"}
    for _ in range(2):
        run = crawl()
        assert (run.outcomes["a.md"], run.of("a.md")["status"]) == ("unchanged", 304)
