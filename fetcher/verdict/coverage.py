"""Measures how much of a stored body a page shows, without word lists, language or site rules.

Both texts are reduced to letters and digits. Up to 128 probes of 12 letters, at even distances in the stored text, are
searched for in the page's: the share found is the coverage.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from operator import ne

from lxml import etree, html

from fetcher.markdown.reading.blocks import parse
from fetcher.page.semantics import inside
from fetcher.page.word_spans import SILENT, WordSpans
from fetcher.page.words import letters_of

# Long enough that two texts rarely share a probe by chance (two or three words, a clause of Chinese), short enough that
# an edited word spoils two probes and not ten. On real pages, with 8 letters other pages of the same site have an
# eighth of a body in common, and with 16 a rewritten page cannot be told from them.
_PROBE = 12
_PROBES = 128
_END = 8
_LEAD = 3
# The most letters of a page to look at: 20 times the longest page known.
_MOST = 2_000_000
# A stored body with fewer letters proves nothing: a heading, or a word that is left of a lost table.
ENOUGH = 40

# Mojibake: the replacement character, and two bytes of UTF-8 read as a Latin letter and another character.
# The expression starts with a set of characters, which makes the search fast.
_GARBLES = "\ufffd\u00c2\u00c3\u00ce\u00cf\u00d0\u00d1\u00e2"
_GARBLED = re.compile(
    f"[{_GARBLES}](?:(?<=\ufffd)|(?<![\ufffd\u00e2])[\u00a0-\u00bf\u0152-\u0178\u2010-\u2122]|(?<=\u00e2)\u20ac)"
)
_SOME = 3
_UNSEEN = SILENT | {"select"}  # the options of a form field are not text of the page


@dataclass(frozen=True, slots=True)
class Coverage:
    """The `share` of a stored body that a page shows, that of its `end`, and how many `probes` were counted."""

    share: float
    end: float
    probes: int

    def below(self, share: float) -> bool:
        """Whether the share is below another by more than the sampling error of so few probes."""
        return self.share < share - sqrt(share * (1 - share) / self.probes)


def letters(text: str) -> str:
    """The letters and digits of a text, case-folded, without white space and punctuation: what all converters agree on.

    >>> letters("**It’s** 2025 ")
    'its2025'
    """
    return letters_of(unicodedata.normalize("NFKC", text).casefold())


def visible_text(markdown: str) -> str:
    """The visible text of Markdown, with a space between all words and punctuation marks."""
    return " ".join(parse(markdown).words)


def shown_text(page: WordSpans) -> str:
    """The visible text of a page, with a space between all text nodes; those without words are left out."""
    is_field = inside(page, fields) if (fields := page.tagged("select")) else ()
    runs = (run for run in page.runs if not is_field[run.holder]) if is_field else page.runs
    return " ".join([(run.element.tail if run.is_tail else run.element.text) or "" for run in runs])[:_MOST]


def text_nodes(root: html.HtmlElement, apart: frozenset[str] = frozenset()) -> list[str]:
    """The visible text nodes below `root`, in order; elements with the tags in `apart` are left out as well."""
    skipped = _UNSEEN | apart
    found: list[str] = []
    room = _MOST
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        if event == "end":
            text = element.tail if element is not root else None
        elif element.tag in skipped:
            walker.skip_subtree()
            continue
        else:
            text = element.text
        if text:
            found.append(text)
            room -= len(text)
            if room < 0:
                break
    return found


def coverage(stored: str, shown: str) -> Coverage:
    """How much of the letters `stored` occurs among the letters `shown`.

    The cost does not grow with the stored body, and only linearly with the page.
    """
    last = max(0, len(stored) - _PROBE)
    count = max(1, min(_PROBES, len(stored) // _PROBE))
    starts = [last * number // max(1, count - 1) for number in range(count)]
    ends = [start for number in range(_END) if (start := last - number * _PROBE) >= 0]
    return Coverage(_found(stored, starts, shown), _found(stored, ends, shown), count)


def stops_within(stored: str, shown: str) -> bool:
    """Whether the last letters shown occur in the stored text, but what follows them there is not shown.

    >>> stops_within("of the first part and then of the second part", "menu of the first part and then")
    True
    """
    for width in (3 * _PROBE, 2 * _PROBE):
        at = stored.rfind(shown[-width:]) if len(shown) >= width else -1
        if at >= 0:
            following = stored[at + width : at + 2 * width]
            return len(following) >= _PROBE and following not in shown
    return False


def ends_within(stored: str, shown: str, parts: Sequence[str]) -> bool:
    """Whether the last letters shown end inside of one of the `parts` whose letters make up `stored`.

    >>> words = ["until", "the", "book", "is", "back"]
    >>> [ends_within("".join(words), shown, words) for shown in ("untilthebookisba", "untilthebookis")]
    [True, False]
    """
    tail = shown[-_PROBE:]
    at = stored.rfind(tail) + len(tail)
    if len(tail) < _PROBE or at < len(tail):
        return False
    ends = accumulate(len(letters(part)) for part in parts)
    return next((end for end in ends if end >= at), at) != at


def shown_beginning(stored: str, shown: str) -> tuple[float, str]:
    """The share of `stored` that is shown if only its beginning is, and the letters shown in place of the rest.

    The share is 0 if more of the rest is shown than a few letters by chance.

    >>> shown_beginning("thefirstpartistoldandthenthesecondpartistold", "menuthefirstpartistoldandpayforit")[1]
    'payforit'
    """
    size = max(len(stored) // _PROBES, _PROBE)
    starts = [*range(0, max(1, len(stored) - _PROBE + 1), size)]
    shows = [stored[at : at + _PROBE] in shown for at in starts]
    # Between title and text there may be a new byline.
    lead = max((number for number, is_shown in enumerate(shows[:_LEAD]) if is_shown), default=0)
    first = shows.index(False, lead) if False in shows[lead:] else len(starts)
    rest = starts[first + 1 :]  # without the probe across the cut
    after = sum(shows[first + 1 :])
    if not 0 < first < len(starts) or after * 20 > len(rest):
        return 0.0, ""
    at, place = starts[first - 1], shown.rfind(stored[starts[first - 1] : starts[first - 1] + _PROBE])
    more = next((k for k, pair in enumerate(zip(stored[at:], shown[place:], strict=False)) if ne(*pair)), 0)
    return (at + more) / len(stored), shown[place + more :] if more else ""


def garbled(shown: str, stored: str) -> int:
    """How many mojibake characters are shown; 0 if they are few, or stored too.

    >>> garbled("BÃ¼cher fÃ¼r SchÃ¼ler", "Bücher für Schüler"), garbled("Bücher für alle", "Bücher")
    (3, 0)
    """
    found = len(_GARBLED.findall(shown)) if any(map(shown.__contains__, _GARBLES)) else 0
    others = 0 if found < _SOME else sum(not sign.isascii() for sign in shown)
    is_made = found >= _SOME and found * 4 >= others and len(_GARBLED.findall(stored)) * 2 < found
    return found if is_made else 0


def _found(stored: str, starts: list[int], shown: str) -> float:
    """The share of the probes at these starts that are shown; most are found in order, which saves time."""
    found = at = 0
    for start in starts:
        probe = stored[start : start + _PROBE]
        place = shown.find(probe, at)
        if place >= 0:
            at = place
        else:  # an occurrence can only begin before that place
            place = shown.find(probe, 0, at + len(probe))
        found += place >= 0
    return found / len(starts)
