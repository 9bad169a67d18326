"""What becomes of a folder of seeds whose runs are killed at any moment: each seed must be its old or its new text.

    python -m tests.benchmarks.kills [KILLS]

Each run finds another version of each page and is ended by SIGKILL a while after its first request, which is drawn by
lot; the state and the reports are kept from one to the next. Prints how many runs were killed before they ended, how
many seeds they had written, how many of these were neither text, and what the last run, which is left alone, came to.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.conftest import Command, Seeds, wait_for
from tests.site import Site, page

SEEDS = 40
LONGEST = 1.5  # seconds from the first request until a run is killed; all pages take about as long


def body(number: int, version: int) -> str:
    """What a page says in one version; whole, it is told from all others by its first and its last line."""
    lines = [f"Page {number} begins in its version {version}.", *(f"Its line {line} stays." for line in range(20))]
    return "\n".join([*lines, f"Page {number} ends in its version {version}."])


def versions(seeds: Seeds) -> list[int | None]:
    """The version that each seed holds as a whole; None for one that holds none."""
    found: list[int | None] = []
    for number in range(SEEDS):
        text = (seeds.folder / f"{number}.md").read_text(encoding="utf-8")
        said = text.partition("begins in its version ")[2].partition(".")[0]
        whole = said.isdigit() and text.rstrip().endswith(body(number, int(said)).replace("\n", "\n\n"))
        found.append(int(said) if whole else None)
    return found


def serve(site: Site, version: int) -> None:
    """Have all pages say their text of a version."""
    for number in range(SEEDS):
        site.says(f"/{number}", page(body(number, version)))


def _has_begun(site: Site, asked: int, run: subprocess.Popen[str]) -> bool:
    return len(site.asked) > asked or run.poll() is not None


def main(kills: int) -> int:
    """Kill so many runs; 1 where a text was lost."""
    chance, site, killed, lost, written = random.Random(7), Site(), 0, 0, 0
    with tempfile.TemporaryDirectory() as place:
        seeds = Seeds(Path(place, "seeds"))
        command = Command(seeds.folder, Path(place, "reports"))
        for number in range(SEEDS):
            seeds.add(
                f"{number}.md", site.url(f"/{number}"), f"\n# A page\n\n{body(number, 0)}\n".replace("\n", "\n\n")
            )
        serve(site, 0)
        command(REFRESH_CONFIRM="False")
        for kill in range(1, kills + 1):
            serve(site, kill)
            run = command.start(REFRESH_CONFIRM="False", REFRESH_WORKERS="1", REFRESH_BRAKE_SHARE="1")
            asked = len(site.asked)
            wait_for(partial(_has_begun, site, asked, run))
            try:
                run.communicate(timeout=chance.uniform(0, LONGEST))
            except subprocess.TimeoutExpired:
                run.kill()
                run.communicate()
                killed += 1
            found = versions(seeds)
            lost += found.count(None)
            written += found.count(kill)
        last = command(REFRESH_CONFIRM="False", REFRESH_BRAKE_SHARE="1")
    site.close()
    came = f"{killed} of {kills} runs were killed after {written} seeds were written, {lost} were lost"
    print(f"{came}; the last run: {last.report['counts']}")  # noqa: T201
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
