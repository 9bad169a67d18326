"""What rendering costs beside bare scrapy-playwright: pages a second, CPU and memory of both and their browsers."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from tests.benchmarks.rendered.served import Server

ROOT = Path(__file__).parent.parent.parent.parent
AT_ONCE = 4
_ROUNDS = 3
_SHELL = """<!doctype html><html lang=en><head><title>Page {0}</title><script src=/app.js defer></script></head>
<body data-page={0}><header><a href=/>Home</a></header><div id=root></div></body></html>"""
_APP = """
fetch(`/data/${document.body.dataset.page}.json`).then(answer => answer.json()).then(found => {
  const main = document.createElement('main');
  for (const line of found.lines) main.append(Object.assign(document.createElement('p'), {textContent: line}));
  document.querySelector('#root').append(main); });
"""
_BARE = """
import sys
from pathlib import Path
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy_playwright.page import PageMethod
addresses = Path(sys.argv[1]).read_text().split()
class Bare(scrapy.Spider):
    name = "bare"
    async def start(self):
        for url in addresses:
            methods = [PageMethod("wait_for_selector", "main p")]
            yield scrapy.Request(url, meta={"playwright": True, "playwright_page_methods": methods})
    def parse(self, response):
        assert response.css("main p"), response.url
        Path(sys.argv[2]).open("a").write(response.url + "\\n")
process = AsyncCrawlerProcess({
    "DOWNLOAD_HANDLERS": dict.fromkeys(["http", "https"], "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"),
    "PLAYWRIGHT_LAUNCH_OPTIONS": {"executable_path": sys.argv[3], "chromium_sandbox": False, "args": ["--disable-gpu"]},
    "CONCURRENT_REQUESTS": int(sys.argv[4]), "CONCURRENT_REQUESTS_PER_DOMAIN": int(sys.argv[4]),
    "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": int(sys.argv[4]),
    "DOWNLOAD_DELAY": 0, "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "ROBOTSTXT_OBEY": True,
})
process.crawl(Bare)
process.start()
"""


@dataclass
class Run:
    """What a command took: seconds, those of CPU, megabytes at most."""

    seconds: float
    cpu: float
    megabytes: float


def table(pages: int) -> str:
    """Both, in medians of rounds in which they take turns."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        _write(place / "site", pages)
        with Server(place / "site") as server:
            addresses = [f"{server.url}/{number}.html" for number in range(pages)]
            (place / "addresses").write_text("\n".join(addresses))
            (place / "bare.py").write_text(_BARE)
            refresh = _refresh(place, addresses)
            _ran(refresh)  # fills the seeds
            rounds = [(_ran(_bare(place)), _ran(refresh)) for _ in range(_ROUNDS)]
        assert len((place / "seen").read_text().split()) == _ROUNDS * pages
        report = json.loads((place / "reports" / "latest" / "report.json").read_text())
        assert report["counts"].get("unchanged") == pages, report["counts"]
    rows = [("bare scrapy-playwright", [one for one, _ in rounds]), ("refresh, unchanged", [one for _, one in rounds])]
    ratio = median(ours.seconds / bare.seconds for bare, ours in rounds)
    lines = [_line(name, runs, pages) for name, runs in rows]
    head = "| rendered | pages | seconds | a second | CPU ms each | MB |\n| --- | ---: | ---: | ---: | ---: | ---: |\n"
    return f"{head}{''.join(lines)}\nrefresh / bare scrapy-playwright, wall time: {ratio:.2f}\n"


def _line(name: str, runs: list[Run], pages: int) -> str:
    seconds, cpu = median(run.seconds for run in runs), median(run.cpu for run in runs)
    megabytes = median(run.megabytes for run in runs)
    return (
        f"| {name} | {pages} | {seconds:.1f} | {pages / seconds:.1f} | {1000 * cpu / pages:.0f} | {megabytes:.0f} |\n"
    )


def _write(site: Path, pages: int) -> None:
    """Pages of some 20 kB of text, by a script of 150 kB."""
    chance = random.Random(1)
    (site / "data").mkdir(parents=True)
    names = ("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=8)) for _ in range(4000))
    (site / "app.js").write_text("".join(f"function {name}(x) {{ return x * x + 1; }}\n" for name in names) + _APP)
    for number in range(pages):
        (site / f"{number}.html").write_text(_SHELL.format(number))
        lines = ["".join(chance.choices("abcdefghij     ", k=200)) for _ in range(100)]
        (site / "data" / f"{number}.json").write_text(json.dumps({"lines": lines}))


def _bare(place: Path) -> list[str]:
    from tests.browser import CHROMIUM  # noqa: PLC0415  # as only this needs it

    return [sys.executable, *map(str, (place / "bare.py", place / "addresses", place / "seen", CHROMIUM, AT_ONCE))]


def _refresh(place: Path, addresses: list[str]) -> list[str]:
    (place / "seeds").mkdir()
    for number, url in enumerate(addresses):
        (place / "seeds" / f"{number}.md").write_text(f'---\nsource_url: "{url}"\n---\n')
    (place / "sites.yaml").write_text('- host: "*"\n  render: always\n')
    settings = {
        "SEEDS_DIR": place / "seeds",
        "REPORT_DIR": place / "reports",
        "REFRESH_STATE": place / "state.sqlite",
        "REFRESH_SITES": place / "sites.yaml",
        "REFRESH_BROWSER_SANDBOX": False,
        "REFRESH_BROWSER_PAGES": AT_ONCE,
        "REFRESH_BRAKE_SHARE": 1,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    }
    return [
        sys.executable,
        "-m",
        "scrapy",
        "crawl",
        "refresh",
        *(f"--set={name}={value}" for name, value in settings.items()),
    ]


def _ran(command: list[str]) -> Run:
    before, began = os.times(), time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = _Peak(process.pid)
    process.wait()
    seconds, after = time.monotonic() - began, os.times()
    return Run(seconds, sum(after[2:4]) - sum(before[2:4]), peak.stop())


class _Peak:
    """The most memory that a process and those below it have had of their own, looked at all the time."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._most = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Megabytes."""
        self._is_over.set()
        self._thread.join()
        return self._most / 1024 / 1024

    def _look(self) -> None:
        while not self._is_over.wait(0.3):
            self._most = max(self._most, self._now())

    def _now(self) -> int:
        try:
            processes = [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return 0
        found = 0
        for process in processes:
            try:
                memory = process.memory_info()
            except psutil.Error:
                continue
            found += memory.rss - getattr(memory, "shared", 0)
        return found
