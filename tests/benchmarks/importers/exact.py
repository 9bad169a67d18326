"""Whether a refresh writes what the importer makes of an edited page, to the byte, and what is wrong where it does not.

- rewritten: the importer makes the same of the page as before, and the body was written
- second: another refresh against the same page writes again
- damaged: a block that stays at the importer's renders otherwise
- unwritten: nothing was written, where the importer itself writes what was not edited as before
- other: something else was written there
"""

import difflib
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from fetcher.markdown.reading.blocks import Text, parse
from fetcher.merge.refresh import refresh
from tests.benchmarks.importers.score import is_damaged


class Verdict(NamedTuple):
    """What became of one body: `kind` is empty where it is right, and `diff` is what leads from it to the right one."""

    kind: str
    diff: str = ""


def judged(page: tuple[str, str], stored: str, wanted: str) -> Verdict:
    """The verdict on a stored body, refreshed against a page (address, HTML) that its importer makes `wanted` of."""
    body = refresh(page[1], url=page[0], stored=stored).body
    kind = _kind(page, stored, body, wanted)
    lines = difflib.unified_diff(
        wanted.strip().split("\n"), body.strip().split("\n"), "importer", "refresh", n=1, lineterm=""
    )
    return Verdict(kind, "\n".join(lines) if kind else "")


def _kind(page: tuple[str, str], stored: str, body: str, wanted: str) -> str:
    if body != stored and refresh(page[1], url=page[0], stored=body).body != body:
        return "second"
    if stored.strip() == wanted.strip():
        return "rewritten" if body != stored else ""
    if body.strip() == wanted.strip():
        return ""
    if is_damaged(stored, body, wanted):
        return "damaged"
    if not is_local(stored, wanted):
        return ""
    return "unwritten" if body == stored else "other"


def is_local(stored: str, wanted: str) -> bool:
    """Whether an importer writes blocks that say the same as before to the byte as before, and as far apart."""
    one, other = (_forms(parse(text)) for text in (stored, wanted))
    return all(one[key] == other[key] for key in one.keys() & other.keys())


def _forms(text: Text) -> dict[tuple[str, ...], set[str]]:
    """How blocks, and pairs of such that follow each other, are written, by what they say."""
    known: dict[tuple[str, ...], set[str]] = defaultdict(set)
    before: tuple[str, ...] = ()
    end = 0
    for block in text.blocks:
        said = (block.kind, *block.boxes, *block.words) if block.words else ()
        if said:
            known[said].add(text.source(block).rstrip())
        if before and said:
            known[*before, "", *said].add("".join(text.lines[end : block.start]))
        before, end = said, block.end
    return known


class Case(NamedTuple):
    """One body to refresh: whose it is, what was edited, the page (address, HTML), and the bodies of the two pages."""

    importer: str
    edit: str
    page: tuple[str, str]
    stored: str
    wanted: str


KINDS = ("rewritten", "second", "damaged", "unwritten", "other")


def table(cases: Sequence[Case], *, faults: Callable[[str], object]) -> str:
    """A Markdown table of how many bodies of each importer come out to the byte; `faults` takes what does not."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for case, verdict in zip(cases, pool.map(_of, cases, chunksize=16), strict=True):
            counts[case.importer][verdict.kind] += 1
            if verdict.kind:
                faults(f"======== {verdict.kind} | {case.importer} | {case.edit}\n{verdict.diff}\n")
    rows = [f"| importer | bodies | right | {' | '.join(KINDS)} |", f"| --- |{' ---: |' * (2 + len(KINDS))}"]
    for name, found in [*counts.items(), ("**all**", sum(counts.values(), Counter[str]()))]:
        share = f"{found[''] / max(1, found.total()):.3f}"
        rows.append(f"| {name} | {found.total()} | {share} | {' | '.join(str(found[kind]) for kind in KINDS)} |")
    return "\n".join(rows)


def _of(case: Case) -> Verdict:
    return judged(case.page, case.stored, case.wanted)
