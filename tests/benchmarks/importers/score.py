"""What a refresh makes of an importer's body, measured against what that importer makes of the page after."""

import difflib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from lxml import etree, html

from fetcher.markdown.reading.blocks import render
from fetcher.merge.refresh import refresh

_TARGET = re.compile(r"\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)|^\s*\[[^\]]+\]:.*$", re.MULTILINE)
_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^>]*>", re.DOTALL)
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
    noise: int = 0
    damaged: int = 0
    second: int = 0
    faults: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, name: str, page: tuple[str, str], stored: str, importers: str) -> None:
        """Count one body on one page (address, HTML); `importers` is what its importer makes of that page."""
        body = refresh(page[1], url=page[0], stored=stored).body
        ours, true = _edits(stored, body), _edits(stored, importers)
        if not true.total():
            self.unchanged += 1
            self._count("rewritten", body != stored, name, stored, body)
        else:
            self.changed += 1
            self.exact += body.strip() == importers.strip()
            self.true += true.total()
            self.found += (true & ours).total()
            self._count("missed", (true & ours).total() < true.total(), name, stored, body)
        self.ours += ours.total()
        self.noise += (noise := _noise_lines(stored, body, importers))
        self._count("noise", noise > 0, name, stored, body)
        self._count("damaged", is_damaged(stored, body, importers), name, stored, body)
        self._count(
            "second", body != stored and refresh(page[1], url=page[0], stored=body).body != body, name, stored, body
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
            "noise",
            "damaged",
            "second",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


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
    """Whether a block that stays at the importer's renders otherwise in the new body: law 10."""
    stay = shown(before) & shown(importers)
    return bool(stay - shown(after))


def shown(markdown: str) -> Counter[str]:
    """The leaf blocks that Markdown renders to, as HTML without places in the source."""
    root = render(markdown)
    etree.strip_elements(root, "script", "style", with_tail=False)
    leaves = Counter[str]()
    for element in root.iter("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "tr", "li"):
        if not any(True for _ in element.iter("p", "ul", "ol", "table") if _ is not element):
            text = html.tostring(element, encoding="unicode", with_tail=False)
            leaves[" ".join(re.sub(r' data-sourcepos="[^"]*"', "", text).split())] += 1
    return leaves
