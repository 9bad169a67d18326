"""What a refresh makes of pages by generators: a Markdown table of what a fill loses and takes in, and of what changes.

    python -m tests.benchmarks.generators [--work FOLDER] [--only REGEX] [-v]

One page of a manual (`manual.py`) is built by every generator (`builders.py`), each fetched from its registry in a
pinned version; one that cannot be had is named and passed over. What was built is kept in the work folder by version.

- lost, foreign: share of the manual's words that a fill lacks; of the fill's words that are not the manual's
- rebuilt: whether another build id, date, and one page more in the navigation rewrite the body
- numbered: whether line numbers beside code, switched on, do
- edits: of five edits (a word, a cell, a line of code, a list item, a paragraph) those that come out alone

The last three are told of a body that was filled, and of one that pandoc wrote of the main content.
`other theme` is the share of pairs of pages by the same generator in another theme or version that rewrite a body.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from difflib import unified_diff
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import html

from fetcher.merge.refresh import refresh
from fetcher.page.page import parse
from fetcher.page.word_spans import word_spans
from fetcher.region.cut import cut
from fetcher.region.main_content import main_content
from tests.benchmarks.generators.builders import GENERATORS, AbsentError, Generator, Site, install
from tests.benchmarks.generators.manual import EDITS, MANUAL, WORDS, Edit, edited, words

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://canals.example/sluice.html"
_MORE = {"bridges": MANUAL[:2]}
# Words of a body, without the targets of its links.
_TARGET = re.compile(r"\]\([^)]*\)|^```\S*$|^~~~.*$", re.MULTILINE)


@dataclass(slots=True)
class Builds:
    """The pages that a generator made of the manual: as it is, built again later, with numbered lines, edited."""

    base: str
    rebuilt: str
    numbered: str | None
    edits: dict[str, tuple[str, str]]


@dataclass(slots=True)
class Row:
    """The figures of one generator."""

    name: str
    lost: Counter[str] = field(default_factory=Counter)
    foreign: Counter[str] = field(default_factory=Counter)
    own: list[str] = field(default_factory=list)
    pandoc: list[str] = field(default_factory=list)

    def line(self) -> str:
        """The row of the table."""
        share = [f"{100 * found.total() / len(words(MANUAL)):.1f} %" for found in (self.lost, self.foreign)]
        return f"| {' | '.join([self.name, *share, *self.own, *(self.pandoc or ['–'] * 3)])} |"


def built(generator: Generator, work: Path) -> Builds:
    """What the generator makes of the manual, from the work folder where it was made before."""
    edits = {f"edit{number}": edited(MANUAL, edit) for number, edit in enumerate(EDITS)}
    base = Site({"sluice": MANUAL, **dict.fromkeys(edits, MANUAL)}, build=1)
    again = Site({"sluice": MANUAL, **edits, **_MORE}, build=2)
    sites = [base, again, *([Site(base.pages, build=1, numbered=True)] if generator.can_number else [])]
    made = [_made(generator, site, work) for site in sites]
    pairs = {edit.name: (made[0][name], made[1][name]) for name, edit in zip(edits, EDITS, strict=True)}
    return Builds(made[0]["sluice"], made[1]["sluice"], made[2]["sluice"] if len(made) > 2 else None, pairs)


def _made(generator: Generator, site: Site, work: Path) -> dict[str, str]:
    sources = "".join((Path(__file__).parent / name).read_text("utf-8") for name in ("manual.py", "builders.py"))
    key = hashlib.blake2b(f"{generator.name}{site.build}{site.numbered}{sources}".encode(), digest_size=8).hexdigest()
    kept = work / "built" / f"{key}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text("utf-8")))
    tools = install(generator, work)
    folder = work / "sites" / key
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pages = generator.build(folder, site, tools)
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(pages), encoding="utf-8")
    return pages


def of_pandoc(page: str) -> str:
    """A body as pandoc writes it of the page's main content; empty where there is no pandoc."""
    if shutil.which("pandoc") is None:
        return ""
    parsed = parse(page, URL)
    found = word_spans(parsed.root)
    tree = cut(parsed.root, found, main_content(found), frozenset())
    command = ["pandoc", "--sandbox", "-f", "html", "-t", "gfm-raw_html", "--wrap=none"]
    text = html.tostring(tree, encoding="unicode")
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=120)
    return f"\n{done.stdout.strip()}\n"


def measured(generator: Generator, builds: Builds, verbose: bool) -> Row:
    """The figures of one generator."""
    filled = refresh(builds.base, url=URL, stored="").body
    row = Row(generator.name)
    there = Counter(WORDS.findall(_TARGET.sub("]", filled)))
    wanted = Counter(words(MANUAL))
    row.lost, row.foreign = wanted - there, there - wanted - Counter(WORDS.findall(generator.words))
    row.own = [*_refreshed(builds, verbose, of_pandoc=False)]
    if shutil.which("pandoc"):
        row.pandoc = [*_refreshed(builds, verbose, of_pandoc=True)]
    return row


def _refreshed(builds: Builds, verbose: bool, *, of_pandoc: bool) -> Iterator[str]:
    body = _body(builds.base, of_pandoc)
    for page in (builds.rebuilt, builds.numbered):
        fresh = body if page is None else refresh(page, url=URL, stored=body).body
        _show(body, fresh, verbose=verbose)
        yield "–" if page is None else "no" if fresh == body else "yes"
    yield f"{sum(_is_found(edit, *builds.edits[edit.name], of_pandoc, verbose) for edit in EDITS)} of {len(EDITS)}"


def _body(page: str, by_pandoc: bool) -> str:
    return of_pandoc(page) if by_pandoc else refresh(page, url=URL, stored="").body


def _is_found(edit: Edit, before: str, after: str, by_pandoc: bool, verbose: bool) -> bool:
    body = _body(before, by_pandoc)
    fresh = refresh(after, url=URL, stored=body).body
    old, new = (Counter(WORDS.findall(text)) for text in (edit.old, edit.new))
    was, now = (Counter(WORDS.findall(text)) for text in (body, fresh))
    right = (was - now, now - was) == (old - new, new - old)
    if not right:
        _show(body, fresh, verbose=verbose, title=edit.name)
    return right


def _show(body: str, fresh: str, *, verbose: bool, title: str = "") -> None:
    if verbose and (title or fresh != body):
        sys.stderr.write(
            f"--- {title}\n" + "\n".join(unified_diff(body.split("\n"), fresh.split("\n"), n=0, lineterm="")) + "\n"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "generators")
    parser.add_argument("--only", default="", help="regular expression on the generator's name")
    parser.add_argument("-v", "--verbose", action="store_true", help="say which words, and what was rewritten")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(
        "| generator | lost | foreign | rebuilt | numbered | edits | rebuilt (pandoc) | numbered | edits |\n"
    )
    sys.stdout.write(f"| --- |{' ---: |' * 8}\n")
    pages: dict[str, list[str]] = {}
    for generator in GENERATORS:
        if not re.search(args.only, generator.name):
            continue
        try:
            builds = built(generator, args.work)
        except (AbsentError, OSError) as error:
            sys.stdout.write(f"| {generator.name} | absent: {' '.join(str(error).split())[:200]} |\n")
            continue
        row = measured(generator, builds, args.verbose)
        pages.setdefault(generator.name.split()[0], []).append(builds.base)
        sys.stdout.write(row.line() + "\n")
        sys.stdout.flush()
        if args.verbose:
            sys.stderr.write(f"{generator.name}: lost {dict(row.lost)} foreign {dict(row.foreign)}\n")
    pairs = [pair for group in pages.values() for pair in permutations(group, 2)]
    rewritten = sum(
        refresh(new, url=URL, stored=(body := _body(old, by_pandoc=False))).body != body for old, new in pairs
    )
    sys.stdout.write(f"\nother theme: {rewritten} of {len(pairs)} rewritten\n")


if __name__ == "__main__":
    main()
