#!/usr/bin/env bash
# scrapy-playwright 0.0.48 (PyPI; Scrapy 2.19.0, Playwright 1.65.2): PLAYWRIGHT_ABORT_REQUEST is not asked about redirects.
#
# The setting names a function that is given each request of a page and says whether to abort it. Where a page's script
# fetches an address that redirects, the function sees the first address alone: the one that it would abort is fetched.
# Asked for directly, the same address is aborted.
#
# Seen:
#     the function was asked about: /page /direct/private /go
#     the server was asked for: /page /go /redirected/private
#
# Why it matters here: no public page may lead into a private network, and whoever checks addresses in that function
# checks none behind a redirect. So rules with `render` do not use scrapy-playwright: the browser has no network, and each
# request, each hop of its redirects included, is sent by the run's own downloader.
#
# Needs a Chromium on PATH.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q scrapy==2.19.0 scrapy-playwright==0.0.48 playwright==1.65.2
seen=$("$folder/venv/bin/python" - <<'PY'
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy_playwright.page import PageMethod

got, asked = [], []
PAGE = b"""<!doctype html><p id=state></p><script>
const end = () => { document.querySelector('#state').className = 'done'; };
fetch('/direct/private').catch(() => 0).then(() => fetch('/go')).then(end, end);
</script>"""


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/favicon.ico":
            got.append(self.path)
        self.send_response(302 if self.path == "/go" else 200)
        if self.path == "/go":
            self.send_header("Location", "/redirected/private")
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE if self.path == "/page" else b"")

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
HOME = f"http://127.0.0.1:{server.server_address[1]}"


def is_private(request):
    path = request.url.removeprefix(HOME)
    if path != "/favicon.ico":
        asked.append(path)
    return path.endswith("/private")


class Page(scrapy.Spider):
    name = "page"

    async def start(self):
        methods = [PageMethod("wait_for_selector", "#state.done", state="attached")]
        yield scrapy.Request(f"{HOME}/page", meta={"playwright": True, "playwright_page_methods": methods})

    def parse(self, response):
        pass


process = AsyncCrawlerProcess({
    "DOWNLOAD_HANDLERS": {"http": "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"},
    "PLAYWRIGHT_LAUNCH_OPTIONS": {"executable_path": shutil.which("chromium")},
    "PLAYWRIGHT_ABORT_REQUEST": is_private,
    "LOG_LEVEL": "ERROR",
    "TELNETCONSOLE_ENABLED": False,
})
process.crawl(Page)
process.start()
print("the function was asked about:", *asked)
print("the server was asked for:", *got)
PY
)
echo "$seen"
[ "$seen" = 'the function was asked about: /page /direct/private /go
the server was asked for: /page /go /redirected/private' ] || exit 1
