"""Bodies of other importers, refreshed for the first time: a Markdown table of what is written, and what should be.

    python -m tests.benchmarks.importers [--work FOLDER] [--only REGEX] [--replay FOLDER | --edits] [--faults FILE]

The importers (`requirements.txt`, `package.json`; pandoc comes with one of them, w3m, lynx and elinks have to be
installed) go into the work folder, outside of the repository, with what they made of the pages; one that cannot be had
is named and left out. The pages are made-up ones of one construct each, as they were, with another word, and with a
paragraph more; and with `--replay` real ones, before and after (`index.jsonl` names them), a sample.

With `--edits` the pages are three documents, each with each of some hundred edits at each place, and what counts is
whether the body comes out as its importer writes it (`exact.py`).

- rewritten: bodies that were written though the importer's own words are the same before and after
- recall: of the words that the importer's own diff and the page's add and remove, those that ours does
- precision: of the words that our diff adds and removes, those that the importer's own does
- noise: changed lines without a changed word that the importer's own diff has not, for each body
- damaged: bodies of which a block that was not written, and that the importer keeps, renders otherwise afterwards
- exact: changed bodies that are to the byte what the importer makes of the page
- second: bodies that another refresh against the same page writes again
"""

import argparse
import gzip
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.importers import edits, exact
from tests.benchmarks.importers.bodies import Importers, install
from tests.benchmarks.importers.pages import Pair, page, pairs
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
        f"{score.right / max(score.ours, 1):.3f}",
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
    parser.add_argument("--edits", action="store_true", help="documents with all edits, to the byte")
    parser.add_argument("--step", type=int, default=1, help="take each so many-eth of these edits")
    parser.add_argument("--faults", type=Path, help="file for what went wrong")
    arguments = parser.parse_args()
    install(arguments.work)
    importers = Importers(arguments.work.absolute())
    if arguments.edits:
        _edits(importers, arguments)
        return
    pages = real(arguments.replay, arguments.sample) if arguments.replay else pairs()
    pages = [each for each in pages if re.search(arguments.pages, each.name)]
    total, faults = Score(), []
    sys.stdout.write(f"{_HEAD}\n| --- |{' ---: |' * (_HEAD.count('|') - 2)}\n")
    for name in importers.names:
        if not re.search(arguments.only, name):
            continue
        bodies = importers.bodies(name, [(each.url, html) for each in pages for html in (each.before, each.after)])
        score = Score()
        for each, stored, after in zip(pages, bodies[::2], bodies[1::2], strict=True):
            if stored and stored.strip() and after:
                score.add(each.name, each, stored, after)
        total += score
        faults += [(name, *fault) for fault in score.faults]
        sys.stdout.write(line(name, score) + "\n")
        sys.stdout.flush()
    sys.stdout.write(line("**all**", total) + "\n")
    if importers.missing:
        sys.stdout.write(f"\nNot here: {', '.join(importers.missing)}\n")
    if arguments.faults:
        arguments.faults.write_text("\n".join("\n".join(["=" * 8 + " ".join(fault[:3]), fault[3]]) for fault in faults))


def _edits(importers: Importers, arguments: argparse.Namespace) -> None:
    """Print the table of the edits."""
    wanted = [pair for pair in edits.pairs(arguments.step) if re.search(arguments.pages, pair.name)]
    shown = [(pair.url, edits.alone(each)) for pair in wanted for each in (pair.before, pair.after)]
    cases = [
        exact.Case(name, pair.name, (pair.url, page(pair.after)), stored, after)
        for name in importers.names
        if re.search(arguments.only, name)
        for pair, (stored, after) in zip(wanted, _halves(importers.bodies(name, shown)), strict=True)
        if stored and stored.strip() and after
    ]
    faults: list[str] = []
    sys.stdout.write(exact.table(cases, faults=faults.append) + "\n")
    if arguments.faults:
        arguments.faults.write_text("".join(faults))


def _halves(bodies: list[str | None]) -> Iterator[tuple[str | None, str | None]]:
    return zip(bodies[::2], bodies[1::2], strict=True)


if __name__ == "__main__":
    main()
