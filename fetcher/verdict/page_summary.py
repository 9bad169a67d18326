"""Summarises a page for the verdict (title, headings, lines, size), and finds notices in it, as "page not found"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from fetcher.page.words import fold
from fetcher.verdict.coverage import letters, text_nodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml import html

    from fetcher.page.page import Page


# These are on every page of a site, error pages included.
_FRAME = frozenset(["nav", "footer", "aside"])
_HEADINGS = 6
_LINES = 200
_LONGEST_LINE = 300
_MOST_HTML = 1_000_000
# Characters of the main part to look at; no test needs more.
_MOST_TEXT = 40_000
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class PageSummary:
    """The facts about a page that verdicts are based on. All texts but `text` are normalised.

    `main` is the main part of the page, `text` its text, `lines` its text nodes; `headings` are the first of the page.
    `main_size` and `size` (of the whole page) count letters in UTF-8 bytes, so that an ideograph weighs as much as the
    word that it stands for. `source` is the start of the HTML in lower case, for marks that no reader sees.
    """

    url: str
    title: str
    headings: tuple[str, ...]
    text: str
    lines: tuple[str, ...]
    main_size: int
    size: int
    source: str
    root: html.HtmlElement
    main: html.HtmlElement

    @property
    def headlines(self) -> tuple[str, ...]:
        """The lines that say what the page is: its title, first headings, and the beginning of its main part."""
        return (self.title, *self.headings[:2], *self.lines[:2])


def summarise(page: Page, source: str, final_url: str, shown: str) -> PageSummary:
    """The summary of a page; `shown` are all its letters."""
    main = _main(page.root)
    parts = text_nodes(main, _FRAME)
    text = " ".join(parts)[:_MOST_TEXT]
    lines = tuple(line for text in parts[:_LINES] if (line := normalised(text)) and len(line) <= _LONGEST_LINE)
    return PageSummary(
        url=final_url,
        title=normalised(page.title or ""),
        headings=_headings(page.root),
        text=text,
        lines=lines,
        main_size=byte_size(letters(text)),
        size=byte_size(shown),
        source=source[:_MOST_HTML].lower(),
        root=page.root,
        main=main,
    )


def normalised(text: str) -> str:
    """The text folded, in lower case, on one line."""
    return _SPACES.sub(" ", fold(text)).strip().casefold()


def byte_size(text: str) -> int:
    """The length in UTF-8 bytes: a measure of how much a text says that is roughly alike in all scripts."""
    return len(text.encode("utf-8", "replace"))


def _main(root: html.HtmlElement) -> html.HtmlElement:
    """The page's only main element; the whole page if there is none, or more than one."""
    found = root.xpath("//main | //*[@role='main'][not(ancestor-or-self::main)]")
    return found[0] if len(found) == 1 else root


def _headings(root: html.HtmlElement) -> tuple[str, ...]:
    found: list[str] = []
    for heading in root.iter("h1", "h2", "h3"):
        if text := normalised(" ".join(text_nodes(heading)[:_LINES])):
            found.append(text[:_LONGEST_LINE])
        if len(found) == _HEADINGS:
            break
    return tuple(found)


class Notice(Enum):
    """A kind of notice; each has a section of wordings in `wordings.txt`."""

    NOT_FOUND = auto()
    ERROR = auto()
    MAINTENANCE = auto()
    CHALLENGE = auto()
    SCRIPT = auto()
    LOADING = auto()
    DENIED = auto()
    LIMITED = auto()
    LOGIN = auto()
    CONSENT = auto()
    PAYWALL = auto()
    REDIRECT = auto()
    DEFAULT = auto()


def _read(text: str) -> dict[Notice, tuple[str, ...]]:
    wordings: dict[Notice, list[str]] = {kind: [] for kind in Notice}
    section: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            section = wordings[Notice[line[1 : line.index("]")]]]
        elif line and not line.startswith("#"):
            section.extend(normalised(wording) for wording in line.split(" | "))
    return {kind: tuple(found) for kind, found in wordings.items()}


_WORDINGS = _read(Path(__file__).with_name("wordings.txt").read_text(encoding="utf-8"))

# A notice is a whole sentence, or a part of a title.
_SENTENCE = re.compile(r"(?:[.!?|;»«·•…。！？｜]+\s*|\s[-/]\s)+")
# Characters that the sentence may have besides the wording: "Oops", "Sorry", a code, a name. "Loading" stands alone.
_BESIDE = 16
_BESIDE_OF = {Notice.LOADING: 2}
# A sentence that only states an HTTP status.
_STATUS = re.compile(
    r"(?:http |error |erreur |fehler |errore |erro |fout |błąd |ошибка |错误 ?|エラー ?|오류 ?){0,2}([45]\d\d)"
)
_STATUS_KINDS = {
    "401": Notice.DENIED,
    "403": Notice.DENIED,
    "404": Notice.NOT_FOUND,
    "410": Notice.NOT_FOUND,
    "429": Notice.LIMITED,
    "451": Notice.DENIED,
    "500": Notice.ERROR,
    "502": Notice.ERROR,
    "503": Notice.ERROR,
    "504": Notice.ERROR,
}


def notice_line(kind: Notice, lines: Iterable[str]) -> str | None:
    """The first line with a sentence that is a notice of this kind and little else; None without one.

    >>> notice_line(Notice.NOT_FOUND, ["Oops! This page isn't available."]) is not None
    True
    >>> notice_line(Notice.NOT_FOUND, ["Page not found?", "A page not found is worse than a slow one"]) is None
    True
    """
    for line in lines:
        if line.endswith(("?", "？", "؟")) and kind is not Notice.CHALLENGE:
            continue  # a question introduces an explanation; only challenges ask visitors
        for sentence in _SENTENCE.split(line.casefold()):
            if sentence and (_status(sentence) is kind or _is(kind, sentence)):
                return line
    return None


def mentioning_line(kind: Notice, lines: Sequence[str]) -> str | None:
    """The first line that contains a wording of this kind anywhere; None without one."""
    text = "\n".join(lines)
    present = [wording for wording in _WORDINGS[kind] if wording in text]
    return next((line for line in lines for wording in present if wording in line), None)


def _is(kind: Notice, sentence: str) -> bool:
    beside = _BESIDE_OF.get(kind, _BESIDE)
    return any(wording in sentence and len(sentence) - len(wording) <= beside for wording in _WORDINGS[kind])


def _status(sentence: str) -> Notice | None:
    match = _STATUS.fullmatch(sentence)
    return _STATUS_KINDS.get(match[1]) if match else None
