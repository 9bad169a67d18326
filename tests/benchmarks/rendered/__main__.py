"""What a refresh makes of pages whose text comes by script: a Markdown table, of frameworks or of what rendering costs.

    python -m tests.benchmarks.rendered [--work FOLDER] [--only REGEX] [-v]
    python -m tests.benchmarks.rendered --speed [--pages 40]

The manual of `tests.benchmarks.generators` is built by each framework (`frameworks.py`), in a pinned version from its
registry, and once more with an edit on each page but one; both builds are served here, one after the other.

- without: whether the text is had without a browser, from the page or from the data in it
- lost, foreign: share of the manual's words that a fill lacks; of the fill's words that are not the manual's
- rebuilt: whether the other build rewrites the body of the page that has no edit
- edits: of five edits those that come out, alone; `again`: whether a second look changes anything

With --speed, pages whose text a script fetches are rendered by a refresh that has them, and by bare scrapy-playwright.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.generators.builders import AbsentError
from tests.benchmarks.generators.manual import EDITS, MANUAL, WORDS, edited, words
from tests.benchmarks.rendered import speed
from tests.benchmarks.rendered.frameworks import FRAMEWORKS, WAYS, Framework
from tests.benchmarks.rendered.served import Server

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent.parent.parent
_TARGET = re.compile(r"\]\([^)]*\)|^```\S*$", re.MULTILINE)
_QUICK = {
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "False",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "16",
    "REFRESH_BRAKE_SHARE": "1",
    "REFRESH_WAVE": "",
}


class Folder:
    """Seeds of the pages below an address, and the runs over them."""

    def __init__(self, place: Path, url: str, names: list[str], *, render: str) -> None:
        self._place = place
        (place / "seeds").mkdir(parents=True)
        for name in names:
            (place / "seeds" / f"{name}.md").write_text(f'---\nsource_url: "{url}/{name}/"\n---\n')
        (place / "sites.yaml").write_text(f"- host: 127.0.0.1\n  render: {render}\n")

    def refresh(self) -> dict[str, str]:
        """The outcomes of a run, by page."""
        sandbox = str(not hasattr(os, "geteuid") or os.geteuid() != 0)  # root has none
        settings = {
            "SEEDS_DIR": self._place / "seeds",
            "REPORT_DIR": self._place / "reports",
            "REFRESH_STATE": self._place / "state.sqlite",
            "REFRESH_SITES": self._place / "sites.yaml",
            "REFRESH_BROWSER_SANDBOX": sandbox,
            "REFRESH_BROWSER_SECONDS": "120",
            **_QUICK,
        }
        switches = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
        command = [sys.executable, "-m", "scrapy", "crawl", "refresh", *switches]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        report = json.loads((self._place / "reports" / "latest" / "report.json").read_text("utf-8"))
        return {
            seed["path"].removesuffix(".md"): f"{seed['outcome']} {seed['reason']}".strip() for seed in report["seeds"]
        }

    def bodies(self) -> dict[str, str]:
        """What the seeds store, by page."""
        return {
            path.stem: path.read_text("utf-8").split("---\n", 2)[2] for path in (self._place / "seeds").glob("*.md")
        }


def measured(framework: Framework, work: Path, *, verbose: bool) -> list[str]:
    """The rows of the table for a framework."""
    edits = {f"edit{number}": edited(MANUAL, edit) for number, edit in enumerate(EDITS)}
    before = framework.build(work, {"sluice": MANUAL, **dict.fromkeys(edits, MANUAL)}, 1)
    after = framework.build(work, {"sluice": MANUAL, **edits}, 2)
    rows = []
    for way in WAYS:
        with tempfile.TemporaryDirectory() as temporary, Server(before) as server:
            row = _row(Path(temporary), server, way, after, verbose=verbose)
            rows.append(f"| {framework.name}, {way} | {' | '.join(row)} |")
    return rows


def _row(place: Path, server: Server, way: str, after: Path, *, verbose: bool) -> list[str]:
    names = ["sluice", *(f"edit{number}" for number in range(len(EDITS)))]
    plain = Folder(place / "plain", f"{server.url}/{way}", names[:1], render="never").refresh()
    folder = Folder(place / "rendered", f"{server.url}/{way}", names, render="auto")
    said = [folder.refresh()]
    was = folder.bodies()
    server.root = after
    said.append(folder.refresh())
    now = folder.bodies()
    said.append(folder.refresh())
    if verbose:
        sys.stderr.write("".join(f"{way}: {outcomes}\n" for outcomes in (plain, *said)))
    there, wanted = _words(was["sluice"]), Counter(words(MANUAL))
    shares = [f"{100 * found.total() / wanted.total():.1f} %" for found in (wanted - there, there - wanted)]
    rebuilt = "no" if now["sluice"] == was["sluice"] else "yes"
    found = sum(_is_found(number, was, now) for number in range(len(EDITS)))
    again = "no" if folder.bodies() == now else "yes"
    return ["yes" if plain["sluice"] == "filled" else "no", *shares, rebuilt, f"{found} of {len(EDITS)}", again]


def _words(text: str) -> Counter[str]:
    return Counter(WORDS.findall(_TARGET.sub("]", text)))


def _is_found(number: int, was: Mapping[str, str], now: Mapping[str, str]) -> bool:
    edit, name = EDITS[number], f"edit{number}"
    old, new = Counter(WORDS.findall(edit.old)), Counter(WORDS.findall(edit.new))
    before, after = _words(was[name]), _words(now[name])
    return (before - after, after - before) == (old - new, new - old)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "frameworks")
    parser.add_argument("--only", default="", help="regular expression on the framework's name")
    parser.add_argument("--speed", action="store_true", help="what rendering costs")
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("-v", "--verbose", action="store_true", help="say how the pages end")
    args = parser.parse_args()
    if args.speed:
        sys.stdout.write(speed.table(args.pages))
        return
    sys.stdout.write("| pages | without | lost | foreign | rebuilt | edits | again |\n")
    sys.stdout.write(f"| --- | {' | '.join(['---:'] * 6)} |\n")
    for framework in FRAMEWORKS:
        if not re.search(args.only, framework.name):
            continue
        try:
            rows = measured(framework, args.work, verbose=args.verbose)
        except (AbsentError, OSError) as error:
            rows = [f"| {framework.name} | absent: {' '.join(str(error).split())[:200]} |"]
        sys.stdout.write("\n".join(rows) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
