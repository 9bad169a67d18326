"""What a refresh makes of an importer's body, measured against what that importer makes of the page after."""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree, html

from fetcher.markdown.reading.rendering import render
from fetcher.merge.refresh import refresh
from tests.benchmarks.importers.pages import Pair

_TARGET = re.compile(r"\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)|^\s*\[[^\]]+\]:.*$", re.MULTILINE)
_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^>]*>", re.DOTALL)
_PLACE = re.compile(r' data-sourcepos="[^"]*"')
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(slots=True)
class Score:
    """Sums over bodies; `faults` has what went wrong, as (kind, page)."""

    unchanged: int = 0
    rewritten: int = 0
    changed: int = 0
    exact: int = 0
    true: int = 0
    found: int = 0
    ours: int = 0
    right: int = 0
    noise: int = 0
    damaged: int = 0
    second: int = 0
    faults: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, name: str, page: Pair, stored: str, importers: str) -> None:
        """Count one body on one page; `importers` is what its importer makes of that page."""
        body = refresh(page.after, url=page.url, stored=stored).body
        ours, true = _edits(stored, body), _edits(stored, importers)
        if not true.total():
            self.unchanged += 1
            self._count("rewritten", body != stored, name, stored, body)
        else:
            self.changed += 1
            self.exact += body.strip() == importers.strip()
            # What an importer leaves out at one visit alone, or glues to a neighbour, is no change of the page.
            pages = true & _edits(_text(page.before), _text(page.after))
            self.true += pages.total()
            self.found += (pages & ours).total()
            self._count("missed", (pages & ours).total() < pages.total(), name, stored, body)
        self.ours += ours.total()
        self.right += (true & ours).total()
        self.noise += (noise := _noise_lines(stored, body, importers))
        self._count("noise", noise > 0, name, stored, body)
        self._count("damaged", is_damaged(stored, body, importers), name, stored, body)
        self._count(
            "second",
            body != stored and refresh(page.after, url=page.url, stored=body).body != body,
            name,
            stored,
            body,
        )

    def _count(self, kind: str, wrong: bool, *about: str) -> None:
        if wrong:
            if hasattr(self, kind):
                setattr(self, kind, getattr(self, kind) + 1)
            name, stored, body = about
            diff = "\n".join(difflib.unified_diff(stored.split("\n"), body.split("\n"), n=0, lineterm=""))
            self.faults.append((kind, name, diff))

    def __iadd__(self, other: "Score") -> "Score":
        for name in (
            "unchanged",
            "rewritten",
            "changed",
            "exact",
            "true",
            "found",
            "ours",
            "right",
            "noise",
            "damaged",
            "second",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


def _text(page: str) -> str:
    """The text of a page, its words apart wherever an element begins or ends."""
    root = html.document_fromstring(page)
    etree.strip_elements(root, "script", "style", etree.Comment, with_tail=False)
    return " ".join(map(str, root.itertext()))


def words(markdown: str) -> list[str]:
    """The words of Markdown that a reader sees, in lower case."""
    text = _TAG.sub(" ", _ESCAPE.sub(r"\1", _TARGET.sub("] ", markdown)))
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower().replace("_", " "))


def _edits(before: str, after: str) -> Counter[str]:
    one, other = Counter(words(before)), Counter(words(after))
    return Counter({f"-{word}": n for word, n in (one - other).items()}) + Counter(
        {f"+{word}": n for word, n in (other - one).items()}
    )


def _noise_lines(before: str, after: str, importers: str) -> int:
    """Changed lines without a changed word, but for those that the importer's own diff has."""
    a, b, theirs = before.splitlines(), after.splitlines(), set(importers.splitlines())
    noise = 0
    for tag, i, j, k, m in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal" and words("\n".join(a[i:j])) == words("\n".join(b[k:m])):
            noise += max(sum(line not in theirs for line in b[k:m]), sum(line not in theirs for line in a[i:j]))
    return noise


def is_damaged(before: str, after: str, importers: str) -> bool:
    """Whether a block that no line was written of or into, and that stays at the importer's, renders otherwise."""
    a, b = before.split("\n"), after.split("\n")
    matches = difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    stay = [range(start + 1, start + size + 1) for start, _, size in matches]
    unwritten = Counter(
        text
        for text, lines in shown(before)
        if any(each.start <= lines.start and lines.stop <= each.stop for each in stay)
    )
    rendered = Counter(text for text, _ in shown(after))
    return bool((unwritten & Counter(text for text, _ in shown(importers))) - rendered)


def shown(markdown: str) -> Iterator[tuple[str, range]]:
    """The leaf blocks that Markdown renders to, as HTML without places in the source, and the lines of each."""
    root = render(markdown)
    etree.strip_elements(root, "script", "style", with_tail=False)
    for element in root.iter("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "tr", "li"):
        if next(element.iterdescendants("p", "ul", "ol", "table"), None) is None:
            text = html.tostring(element, encoding="unicode", with_tail=False)
            start, end = re.findall(r"(\d+):", element.get("data-sourcepos") or "1:1-0:0")
            yield " ".join(_PLACE.sub("", text).split()), range(int(start), int(end) + 1)
