"""Bodies of other importers, refreshed for the first time: a Markdown table of what is written, and what should be.

    python -m tests.benchmarks.importers [--work FOLDER] [--only REGEX] [--replay FOLDER] [--faults FILE]

The importers (`requirements.txt`, `package.json`; pandoc comes with one of them, w3m, lynx and elinks have to be
installed) go into the work folder, outside of the repository, with what they made of the pages; one that cannot be had
is named and left out. The pages are made-up ones of one construct each, as they were, with another word, and with a
paragraph more; and with `--replay` real ones, before and after (`index.jsonl` names them), a sample.

- rewritten: bodies that were written though the importer's own words are the same before and after
- recall: of the words that the importer's own diff adds and removes, those that ours does
- precision: the other way round
- noise: changed lines without a changed word that the importer's own diff has not, for each body
- damaged: bodies of which a block that stays renders otherwise after the write
- exact: changed bodies that are to the byte what the importer makes of the page
- second: bodies that another refresh against the same page writes again
"""

import argparse
import gzip
import json
import re
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.importers.bodies import Importers, install
from tests.benchmarks.importers.pages import Pair, pairs
from tests.benchmarks.importers.score import Score

_HEAD = "| importer | bodies | rewritten | recall | precision | noise | damaged | exact | second |"


def real(folder: Path, most: int) -> list[Pair]:
    """A sample of real pages before and after, by even steps over the pages that have both."""
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    rows = [row for row in rows if row["label"] in ("changed", "unchanged")]

    def read(name: str) -> str:
        return gzip.decompress((folder / name).read_bytes()).decode("utf-8", "replace")

    sample = rows[:: max(1, len(rows) // most)][:most]
    return [Pair(row["id"], row["url"], read(row["html_before"]), read(row["html_after"])) for row in sample]


def line(name: str, score: Score) -> str:
    """A row of the table."""
    bodies = score.unchanged + score.changed
    values = [
        f"{score.rewritten} of {score.unchanged}",
        f"{score.found / max(score.true, 1):.3f}",
        f"{score.found / max(score.ours, 1):.3f}",
        f"{score.noise / max(bodies, 1):.2f}",
        str(score.damaged),
        f"{score.exact / max(score.changed, 1):.2f}",
        str(score.second),
    ]
    return f"| {name} | {bodies} | {' | '.join(values)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "fetcher-importers")
    parser.add_argument("--only", default="", help="regular expression on an importer's name")
    parser.add_argument("--pages", default="", help="regular expression on a page's name")
    parser.add_argument("--replay", type=Path, help="folder of real pages, before and after")
    parser.add_argument("--sample", type=int, default=12, help="how many of these")
    parser.add_argument("--faults", type=Path, help="file for what went wrong")
    arguments = parser.parse_args()
    install(arguments.work)
    importers = Importers(arguments.work.absolute())
    pages = real(arguments.replay, arguments.sample) if arguments.replay else pairs()
    pages = [page for page in pages if re.search(arguments.pages, page.name)]
    total, faults = Score(), []
    sys.stdout.write(f"{_HEAD}\n| --- |{' ---: |' * (_HEAD.count('|') - 2)}\n")
    for name in importers.names:
        if not re.search(arguments.only, name):
            continue
        bodies = importers.bodies(name, [(page.url, html) for page in pages for html in (page.before, page.after)])
        score = Score()
        for page, stored, after in zip(pages, bodies[::2], bodies[1::2], strict=True):
            if stored and stored.strip() and after:
                score.add(page.name, (page.url, page.after), stored, after)
        total += score
        faults += [(name, *fault) for fault in score.faults]
        sys.stdout.write(line(name, score) + "\n")
        sys.stdout.flush()
    sys.stdout.write(line("**all**", total) + "\n")
    if importers.missing:
        sys.stdout.write(f"\nNot here: {', '.join(importers.missing)}\n")
    if arguments.faults:
        arguments.faults.write_text("\n".join("\n".join(["=" * 8 + " ".join(fault[:3]), fault[3]]) for fault in faults))


if __name__ == "__main__":
    main()
