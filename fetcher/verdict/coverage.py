"""How much of a stored body is on a page: evidence that needs no language, no list and no rule about the site."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from operator import ne

from lxml import etree, html

from fetcher.markdown.reading.blocks import parse
from fetcher.page.word_spans import SILENT

# Long enough that two texts rarely share a probe by chance (two or three words, a clause of Chinese), short enough that
# an edited word costs two probes and not ten. Tried on real pages: with 8 letters other pages of the same site share an
# eighth of a body, with 16 a rewritten page is not told from them.
_PROBE = 12
_PROBES = 128
_END = 8
_LEAD = 3
# A page's text beyond this many letters is not looked at: 20 times the longest page known.
_MOST = 2_000_000
# With fewer letters a stored body proves nothing: a heading, or the word that a lost table left behind.
ENOUGH = 40

# What is no sign of its encoding, and UTF-8 read as Latin letters: its first byte as a letter, its second as a sign.
_GARBLED = re.compile("\ufffd|[\u00c2\u00c3\u00ce-\u00d1][\u00a0-\u00bf\u0152-\u0178\u2010-\u2122]|\u00e2\u20ac")
_SOME = 3
_NO_LETTER = re.compile(r"[\W_]+")
_ASCII_SIGNS = bytes(sign for sign in range(128) if not chr(sign).isalnum())
_UNSEEN = SILENT | {"select"}  # what a list offers is no text of the page


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of a stored body that a page shows: of the whole body, judged by so many probes, and of its `end`."""

    share: float
    end: float
    probes: int

    def below(self, share: float) -> bool:
        """Whether less than this is kept, beyond the error that so few probes have."""
        return self.share < share - sqrt(share * (1 - share) / self.probes)


def letters(text: str) -> str:
    """The letters and digits of a text without case, white space, signs: what every converter agrees on.

    >>> letters("**It’s** 2025 ")
    'its2025'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Most signs are white space, which a table removes in a tenth of the time.
    plain = folded.encode("utf-8", "surrogatepass").translate(None, _ASCII_SIGNS).decode("utf-8", "surrogatepass")
    return plain if plain.isascii() else _NO_LETTER.sub("", plain)


def visible_text(markdown: str) -> str:
    """The text of Markdown as a reader sees it, a space between all words and signs."""
    return " ".join(parse(markdown).words)


def text_nodes(root: html.HtmlElement, apart: frozenset[str] = frozenset()) -> list[str]:
    """The text nodes below `root` that a reader sees, in order; elements named in `apart` are left out as well."""
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
    """How much of the letters `stored` stands among the letters `shown`.

    Probes are taken from the stored text at even distances and searched for, so the cost does not grow with the
    stored body and only linearly with the page.
    """
    last = max(0, len(stored) - _PROBE)
    count = max(1, min(_PROBES, len(stored) // _PROBE))
    starts = [last * number // max(1, count - 1) for number in range(count)]
    ends = [start for number in range(_END) if (start := last - number * _PROBE) >= 0]
    return Coverage(_found(stored, starts, shown), _found(stored, ends, shown), count)


def stops_within(stored: str, shown: str) -> bool:
    """Whether the last letters shown stand in the stored text, and what follows them there is not shown.

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
    """Whether the last letters shown end within one of the `parts`, which together have the letters `stored`.

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
    """The share of the letters `stored` up to which they are shown, and what is shown then in the place of the rest.

    The share is 0 where more of the rest is shown than a few letters by chance.

    >>> shown_beginning("thefirstpartistoldandthenthesecondpartistold", "menuthefirstpartistoldandpayforit")[1]
    'payforit'
    """
    size = max(len(stored) // _PROBES, _PROBE)
    starts = [*range(0, max(1, len(stored) - _PROBE + 1), size)]
    shows = [stored[at : at + _PROBE] in shown for at in starts]
    # Between title and text the page may have come to show who wrote it, and when.
    lead = max((number for number, is_shown in enumerate(shows[:_LEAD]) if is_shown), default=0)
    first = shows.index(False, lead) if False in shows[lead:] else len(starts)
    rest = starts[first + 1 :]  # the probe that reaches over the cut tells nothing
    after = sum(shows[first + 1 :])
    if not 0 < first < len(starts) or after * 20 > len(rest):
        return 0.0, ""
    at, place = starts[first - 1], shown.rfind(stored[starts[first - 1] : starts[first - 1] + _PROBE])
    more = next((k for k, pair in enumerate(zip(stored[at:], shown[place:], strict=False)) if ne(*pair)), 0)
    return (at + more) / len(stored), shown[place + more :] if more else ""


def garbled(shown: str, stored: str) -> int:
    """How many signs are shown that reading a text in a wrong encoding makes, where they are many, and not stored too.

    >>> garbled("BÃ¼cher fÃ¼r SchÃ¼ler", "Bücher für Schüler"), garbled("Bücher für alle", "Bücher")
    (3, 0)
    """
    found = len(_GARBLED.findall(shown))
    others = 0 if found < _SOME else sum(not sign.isascii() for sign in shown)
    is_made = found >= _SOME and found * 4 >= others and len(_GARBLED.findall(stored)) * 2 < found
    return found if is_made else 0


def _found(stored: str, starts: list[int], shown: str) -> float:
    """The share of the probes that start there which are shown: in their order mostly, and searched for in it."""
    found = at = 0
    for start in starts:
        probe = stored[start : start + _PROBE]
        place = shown.find(probe, at)
        if place >= 0:
            at = place
        found += place >= 0 or probe in shown
    return found / len(starts)
