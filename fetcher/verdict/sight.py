"""What a page looks like at first sight: its title, headings, lines and how much text there is."""

import re
from dataclasses import dataclass

from lxml import html

from fetcher.page.page import Page
from fetcher.page.words import fold
from fetcher.verdict.kept import letters, texts

# What frames a page on every address of its site, error pages included.
_FRAME = frozenset(["nav", "footer", "aside"])
_HEADINGS = 6
_LINES = 200
_LONGEST_LINE = 300
_MOST_HTML = 1_000_000
# Of longer main parts the rest is not looked at: nothing that is asked of their size goes so far.
_MOST_TEXT = 40_000
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Sight:
    """A page at first sight; every text but `text`, that of the main part, is folded and in lower case.

    `lines` are the text nodes of the main part `main`, `headings` the first of the page. Sizes count letters in UTF-8
    bytes, so that an ideograph weighs as much as the word it stands for: `main_size` those of the main part,
    `size` those of the page. `source` is the start of the HTML in lower case, for marks that no reader sees.
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
        """The lines that say what the page is: its title, its first headings, and what its main part begins with."""
        return (self.title, *self.headings[:2], *self.lines[:2])


def sight(page: Page, source: str, final_url: str, shown: str) -> Sight:
    """The page at first sight; `shown` are all its letters."""
    main = _main(page.root)
    parts = texts(main, _FRAME)
    text = " ".join(parts)[:_MOST_TEXT]
    lines = tuple(line for text in parts[:_LINES] if (line := plain(text)) and len(line) <= _LONGEST_LINE)
    return Sight(
        url=final_url,
        title=plain(page.title or ""),
        headings=_headings(page.root),
        text=text,
        lines=lines,
        main_size=weight(letters(text)),
        size=weight(shown),
        source=source[:_MOST_HTML].lower(),
        root=page.root,
        main=main,
    )


def plain(text: str) -> str:
    """The text folded, in lower case, on one line."""
    return _SPACES.sub(" ", fold(text)).strip().casefold()


def weight(text: str) -> int:
    """How much a text says, roughly alike in every script: its length in UTF-8 bytes."""
    return len(text.encode("utf-8", "replace"))


def _main(root: html.HtmlElement) -> html.HtmlElement:
    """The page's one main element; the whole page where there is none, or several to choose from."""
    found = root.xpath("//main | //*[@role='main'][not(ancestor-or-self::main)]")
    return found[0] if len(found) == 1 else root


def _headings(root: html.HtmlElement) -> tuple[str, ...]:
    found: list[str] = []
    for heading in root.iter("h1", "h2", "h3"):
        if text := plain(" ".join(texts(heading)[:_LINES])):
            found.append(text[:_LONGEST_LINE])
        if len(found) == _HEADINGS:
            break
    return tuple(found)
