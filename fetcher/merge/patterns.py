"""Finds the markup of importers' dialects, and texts that the page has unseen, in the text of stored blocks.

Each function returns spans of the text. The page need not have the words in them.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple
from unicodedata import category

from fetcher.markdown.reading.wording import Wording
from fetcher.page.hidden_text import Unseen
from fetcher.page.words import fold, split_words

# Attributes as pandoc and its kin write them: `{#id .class key="value"}`, `{: .class}`, and `{#an id .class}` of pages
# whose identifiers have spaces.
_ATTRIBUTES = re.compile(
    r"""
    (?:(?<=\s)\#{1,6}[ ])?  # the end of a heading before them
    \{:?\s*
    (?: [\#.][^{}"]*(?:"[^"]*"[^{}"]*)* | (?: [\#.=][^\s{}"]* | [\w:@.-]+=(?:"[^"]*"|[^\s"{}]+) | \s+ )* )
    \}
    """,
    re.VERBOSE,
)
_MARKS = re.compile(
    r"""
    :{3,}(?:\s*[\w-]+(?=\s*$))?              # a fenced box, with its name
    | (?<!=)==(?![=\s]) | (?<![=\s])==(?!=)  # marked text
    | \[![\w-]+\][+-]?                        # the kind of a callout, of which the page has but an icon
    | \(BUTTON\) | \[(?:/?code(?:[ =][^\[\]]*)?|IMAGE|INLINE|LINK|EMBED|USEMAP)\]
    | \{%[^{}%]*%\} | \{\{[<%][^{}]*[%>]\}\}  # a tag of a template
    | \{(?:\+\+|--|==) | (?:\+\+|--|==)\}      # inserted, deleted and marked text of critics
    | \[(?:DEL|INS): | :(?:DEL|INS)\]        # struck and inserted text
    | \[{1,2}_?toc_?\]{1,2}                   # where a program puts the table of contents
    | \\[()\[\]]                             # a formula
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Signs around text in some dialects, and the elements that they stand for.
_PAIRS = (
    (re.compile(r"(?<![\w+])(\+\+)(?=\S)[^+]+?(?<=\S)(\+\+)(?![\w+])"), ("ins", "u")),
    (re.compile(r"(?<![\w/:.])(/)(?=\w)[^/]+?(?<=\w)(/)(?![\w/])"), ("em", "i")),
    (re.compile(r"([«‹])[^«»‹›]+([»›])"), ("q",)),
)
_TEX = re.compile(
    r"(\\\()(?=.{0,400}?(\\\)))|(\\\[)(?=.{0,400}?(\\\]))|(\$\$)(?=[^$]+(\$\$))|(?<![\w$\\])(\$)(?=[^\s$](?:[^$]*[^\s$])?(\$)(?![\d$]))"
)
_WIKI = re.compile(r"\[\[([^\[\]|]+)\|(?=[^\[\]]+\]\])")
_SHORT_CODE = re.compile(r":[a-z0-9_+-]+:")
_CAPTION = re.compile(r"(?:Table)? ?: ?(?=\S)")
_RULES = r"[+|][-=+:|]{2,}[+|]?|_{3,}|-{4,}|(?<!\S)[|+](?!\S)|\\(?!\S)"  # the lines of a table, and breaks in cells
_BULLET = re.compile(r"^[ \t>]*(?:\|[^\n]*\|[ \t]*|\|[ \t]*)?([-+*•◦▪■□○●◆·:~→▶►‣⁃»›✓✔–—])[^\S\n]", re.MULTILINE)
_LIST_NUMBER = re.compile(r"^[ \t>]*((?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)])[ \t]+\S", re.MULTILINE)
_DASH = re.compile(r"(?<!-)-{2,3}(?!-)")
_CELL_END = re.compile(r"(?<!\\)\|")
_TICK = re.compile(r"\[([ \xa0xX])\](?!\S)|([☐☑☒])(?!\S)")
_CITED = re.compile(r"[\[⟨^]\^?(\d{1,4})[\]⟩]")
_REFERENCE = re.compile(r"[ \t>]*[\[⟨^]*(\d{1,4})[\]⟩]*[.:)]*[ \t]+<?[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{1,9}://\S+|(?<=[\[(<])[^\s\[\]()<>]*[/.#@?][^\s\[\]()<>]*(?=[\])>])"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_REST_OF_ADDRESS = re.compile(r"\s?[^\s\])>]+")
_PICTURE = re.compile(r"!\[([^\[\]]+)\]")
_OPENING, _CLOSING = "[(<", "])>"

Span = tuple[int, int]


class Reading(NamedTuple):
    """The text of a wording, and where each word starts in it."""

    text: str
    starts: list[int]

    def words(self, span: Span) -> Span:
        """The span of words in a span of the text."""
        return bisect_left(self.starts, span[0]), bisect_left(self.starts, span[1])


def reading(text: Wording) -> Reading:
    """The text of a wording with the places of its words."""
    sizes = [len(word) + (not touch) for word, touch in zip(text.words, text.touch, strict=True)]
    offset = 0 if not text.touch or text.touch[0] else 1
    starts = [end - len(word) - offset for end, word in zip(accumulate(sizes), text.words, strict=True)]
    return Reading(text.text(), starts)


def attributes(text: str) -> Iterator[Span]:
    """Attributes in braces: identifiers, classes, keys."""
    return (match.span() for match in _ATTRIBUTES.finditer(text) if match[0] != "{}")


def markup(text: str, shown: str) -> Iterator[Span]:
    """Attributes, fences of boxes and other markup of dialects, unless the page shows the same characters."""
    for pattern in (_ATTRIBUTES, _MARKS):
        yield from (match.span() for match in pattern.finditer(text) if match[0] not in shown)


def pairs(text: str, unseen: Unseen) -> Iterator[Span]:
    """Signs around text, such as `++`, for elements that the page has."""
    for pattern, tags in _PAIRS:
        for match in pattern.finditer(text) if unseen.has(*tags) else ():
            yield from (match.span(1), match.span(2))


def tex(text: str) -> Iterator[Span]:
    """The delimiters of TeX formulas."""
    for match in _TEX.finditer(text) if "$" in text or "\\" in text else ():
        yield from (match.span(group) for group in range(1, len(match.groups()) + 1) if match[group])


def wiki_links(text: str, unseen: Unseen) -> Iterator[Span]:
    """The names of pages in wiki links: `[[name|text]]`."""
    return (match.span() for match in _WIKI.finditer(text) if unseen.has_page(match[1]))


def numbers(text: str, source: str) -> Iterator[Span]:
    """The numbers that lines of the source begin with, as in lists."""
    for number in {*_LIST_NUMBER.findall(source)}:
        yield from (match.span() for match in re.finditer(rf"(?<!\S){re.escape(number)}(?!\S)", text))


def captions(text: str, unseen: Unseen) -> Iterator[Span]:
    """The prefix of a table's caption: `Table:`, `:`."""
    if unseen.has("caption") and (match := _CAPTION.match(text)):
        yield match.span()


def icons(text: Wording, unseen: Unseen) -> Iterator[Span]:
    """Symbols among the words, where the page has an icon without text."""
    for at, word in enumerate(text.words):
        beside = {*text.words[max(0, at - 1) : at], *text.words[at + 1 : at + 2]}
        if len(word) == 1 and not word.isascii() and category(word) in ("So", "Sm") and beside & unseen.icons:
            yield at, at + 1


def pictured(text: Wording, unseen: Unseen) -> Iterator[Span]:
    """Alternative texts of images in the place of these images, with the brackets around them."""
    words = text.words
    for at, first in enumerate(words):
        for alternative, beside in unseen.pictured.get(first, ()):
            start, end = at, at + len(alternative)
            if tuple(words[start:end]) != alternative:
                continue
            while start and words[start - 1] in ("[", "!"):
                start -= 1
            end += words[end : end + 1] == ["]"]
            if beside in (*words[max(0, start - 1) : start], *words[end : end + 1]):
                yield start, end


def short_codes(here: str, there: str) -> tuple[list[Span], list[Span]]:
    """The short codes of one text, `:bee:`, and the emoji of the other; nothing where the two counts differ."""
    named = [match.span() for match in _SHORT_CODE.finditer(here)]
    drawn = [(at, at + 1) for at, sign in enumerate(there) if category(sign) == "So"] if named else []
    return (named, drawn) if len(named) == len(drawn) else ([], [])


def lines_and_bullets(text: str, source: str) -> Iterator[Span]:
    """The lines of a drawn table, and the bullets that lines of the source begin with."""
    bullets = "".join(map(re.escape, {*_BULLET.findall(source)}))
    pattern = rf"{_RULES}|(?<!\S)[{bullets}](?!\S)" if bullets else _RULES
    yield from (match.span() for match in re.finditer(pattern, text))


def heads(text: str, titles: Iterable[str]) -> Iterator[Span]:
    """The `#` before these titles."""
    for title in titles:
        yield from (match.span() for match in re.finditer(rf"#{{1,6}}(?= ?{re.escape(title)})", text))


def ticks(text: str, shown: str) -> Iterator[Span]:
    """Task boxes in a text, if they are ticked as the page's (`shown`) are, or none is ticked."""
    found = [*_TICK.finditer(text)]
    states = "".join("x" if match[0] in ("[x]", "[X]", "☑", "☒") else "-" for match in found)
    if states in (shown, "-" * len(shown)):
        yield from (match.span() for match in found)


def cut_cells(rows: str, words: Sequence[str]) -> Counter[str]:
    """The words of cells at the ends of rows that are not rendered, as the head of the table has fewer cells."""
    said, found = Counter(words), Counter[str]()
    for row in rows.splitlines():
        for cell in reversed(_CELL_END.split(row.strip(" \t>|"))):
            hidden = Counter(split_words(cell))
            if hidden & said:
                break
            found += hidden
    return found


def dashes(text: str) -> Iterator[Span]:
    """The second and third hyphen of dashes that are written with two or three."""
    return ((match.start() + 1, match.end()) for match in _DASH.finditer(text))


def citations(text: str, shown: str, known: frozenset[str]) -> Iterator[Span]:
    """Citations such as `[1]`, whose numbers are in a list of references (`known`)."""
    for match in _CITED.finditer(text):
        if match[1] in known and match[0] not in shown:
            yield match.span()


def references(lines: Iterable[str]) -> frozenset[str]:
    """The numbers of lines that are a list of addresses."""
    return frozenset(found[1] for line in lines if (found := _REFERENCE.match(line)))


def addresses(text: str, source: str, shown: str, unseen: Unseen, *, in_brackets: bool) -> Iterator[Span]:
    """Addresses of the page's links that are text here, with the brackets around them.

    An address in brackets, or one that is a link in the `source`, only counts if `in_brackets`: an importer that writes
    Markdown links does not write their addresses as text, except at the end of a link around several blocks.
    """
    for match in _ADDRESS.finditer(text):
        before = text[: match.start()]
        if not in_brackets and before.endswith(tuple(_OPENING)) and not before.endswith("]("):
            continue
        end = _end_of_address(text, match, unseen)
        start, address = match.start(), end
        while (
            start
            and end
            and text[start - 1] in _OPENING
            and text[end : end + 1] == _CLOSING[_OPENING.index(text[start - 1])]
        ):
            start, end = start - 1, end + 1
        is_link = not in_brackets and f"<{text[match.start() : address]}>" in source
        if end and not is_link and text[start:end] not in shown:
            yield start, end


def _end_of_address(text: str, match: re.Match[str], unseen: Unseen) -> int:
    """The end of an address of the page that starts where the match does, over three lines at most; 0 if none does."""
    start, end = match.span()
    for _ in range(3):
        # A full stop after it is not part of it, nor is a bracket, behind which words may follow without a space.
        cuts: list[int] = [*range(end, max(start, end - 4), -1)]
        cuts += (at for at in range(end - 4, start, -1) if text[at] in _CLOSING)
        for cut in cuts:
            if unseen.leads_to(text[start:cut].replace(" ", "")):
                return cut
        more = _REST_OF_ADDRESS.match(text, end)
        if not more:
            break
        end = more.end()
    return 0


def alternatives(text: str, known: Iterable[str]) -> Iterator[Span]:
    """The known alternative texts of images, with the brackets around them."""
    for alternative in known:
        yield from (match.span() for match in re.finditer(rf"\[?{re.escape(fold(alternative))}\]?", text))


def alternatives_of(source: str) -> set[str]:
    """The alternative texts of the images in Markdown."""
    return {found.strip() for found in _PICTURE.findall(source)} - {""}


def formula(text: str, forms: tuple[str, str]) -> list[Span]:
    """Where a text has a formula; `forms` are its text as drawn and its TeX, of which converters write one or both."""
    drawn, tex = forms
    for form in sorted({drawn + tex, drawn, tex} - {""}, key=len, reverse=True):
        spaced = r"\s?".join(map(re.escape, form))
        if found := [match.span() for match in re.finditer(rf"[\\$'(\[]*\s?{spaced}\s?[\\$')\]]*", text)]:
            return found
    return []
