"""Reads the pictures of a text, pairs blocks of pictures, and tells which of these come and go."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from fetcher.align import align
from fetcher.markdown.reading.blocks import Block, Text, parse
from fetcher.merge.pairing import Hunk
from fetcher.merge.tokenizer import Tokenizer
from fetcher.merge.tokens import Lookup, label_of, lookup
from fetcher.page.links import target
from fetcher.page.words import split_words

if TYPE_CHECKING:
    from fetcher.merge.held_back import Past
    from fetcher.page.hidden_text import Unseen

# A picture that the text lacks is new only if the text has so many of the page's others for each that it lacks.
_KEPT = 2


class Picture(NamedTuple):
    """A picture in a source: its Markdown or HTML, the address of its file, and its alternative text."""

    text: str
    address: str
    alt: str


_Own = Mapping[int, Sequence[tuple[int, Picture]]]


class PictureBlocks:
    """Compares the pictures of stored and fresh blocks; `own` has those of each text (`of_blocks`)."""

    def __init__(
        self,
        blocks: tuple[Sequence[Block], Sequence[Block]],
        own: tuple[_Own, _Own],
        base: str,
        unseen: Unseen | None,
        past: Past,
    ) -> None:
        self._blocks = blocks
        self._own, self._base, self._unseen, self._past = own, base, unseen, past

    def parted(self, hunks: Sequence[Hunk]) -> list[Hunk]:
        """The hunks; unlinked ones are cut at pictures that both sides have, one of them as a block of its own."""
        if not all(self._own):
            return list(hunks)
        return [part for hunk in hunks for part in ([hunk] if hunk.linked else self._parts(hunk))]

    def _parts(self, hunk: Hunk) -> Iterator[Hunk]:
        ours, theirs = (list(self._pictured(side, *hunk[2 * side : 2 * side + 2])) for side in (0, 1))
        names = ([name for _, name in each] for each in (ours, theirs))
        a, b = hunk.start_a, hunk.start_b
        for match in align(*names):
            for k in range(match.size):
                at_a, at_b = ours[match.start_a + k][0], theirs[match.start_b + k][0]
                if self._blocks[0][at_a].words and self._blocks[1][at_b].words:
                    continue
                if at_a > a or at_b > b:
                    yield Hunk(a, at_a, b, at_b, linked=False)
                a, b = at_a + 1, at_b + 1 + (at_b + 1 < hunk.end_b and self._is_captioned(at_a, at_b + 1))
                yield Hunk(at_a, a, at_b, b, linked=True)
        if a < hunk.end_a or b < hunk.end_b:
            yield Hunk(a, hunk.end_a, b, hunk.end_b, linked=False)

    def _is_captioned(self, at: int, after: int) -> bool:
        """Whether the alternative text of a stored picture is the fresh block `after` the same picture: its caption."""
        alts = [split_words(picture.alt) for _, picture in self._own[0][at]]
        return self._blocks[1][after].words in alts

    def _pictured(self, side: int, start: int, end: int) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The blocks with pictures, each with the names of the files."""
        for at in range(start, end):
            if own := self._own[side].get(at):
                yield at, tuple(file(picture.address, self._base) for _, picture in own)

    def _alone(self, side: int, start: int, end: int) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The blocks of nothing but pictures, each with the names of the files."""
        return ((at, files) for at, files in self._pictured(side, start, end) if not self._blocks[side][at].words)

    def news(self, hunk: Hunk, hunks: Sequence[Hunk]) -> Sequence[Block]:
        """The fresh blocks of a hunk, without pictures that the stored text keeps elsewhere."""
        new = hunk.new(self._blocks[1])
        if not any(block.words for block in new) and any(self._alone(1, hunk.start_b, hunk.end_b)):
            return new if self._own[0] and self._come(hunk) else []  # as where nothing goes
        alone = dict(self._alone(1, hunk.start_b, hunk.end_b)) if self._own[0] else {}
        if not alone:
            return new
        kept = self._files(0, (other for other in hunks if other.linked))
        shown = self._files(1, (other for other in hunks if other.linked))
        return [
            block
            for at, block in enumerate(new, hunk.start_b)
            if at not in alone or not all(kept[name] > shown[name] for name in alone[at])
        ]

    def lone(self, hunk: Hunk) -> bool:
        """Whether a hunk is nothing but pictures that really come or go."""
        if hunk.linked or not self._own[0]:
            return False
        if hunk.only_adds:
            return self._are_pictures(1, hunk) and self._come(hunk)
        return hunk.only_removes and self._are_pictures(0, hunk) and self._go(hunk)

    def _are_pictures(self, side: int, hunk: Hunk) -> bool:
        start, end = hunk[2 * side : 2 * side + 2]
        return start < end and len(list(self._alone(side, start, end))) == end - start

    def _come(self, hunk: Hunk) -> bool:
        """Whether new pictures come: the text has the other pictures of its page, with their addresses."""
        names = {name for _, files in self._alone(1, hunk.start_b, hunk.end_b) for name in files}
        if names & (self._known[0].keys() | self._given):  # a person may have taken one out
            return False
        return self._unseen is None or self._led >= _KEPT * (self._known[1] - self._known[0]).total()

    def _go(self, hunk: Hunk) -> bool:
        """Whether stored pictures go: the page had them, and has them nowhere any more."""
        names = {name for _, files in self._alone(0, hunk.start_a, hunk.end_a) for name in files}
        if names & self._known[1].keys() or (self._past.text and not names <= self._given):
            return False
        if self._unseen is None or any(map(self._unseen.names, names)):
            return self._unseen is None
        had = (keys(picture, self._base)[0] in self._past.pictures for picture in self._pictures(0, hunk))
        return all(had) or self._led >= _KEPT * (self._known[0] - self._known[1]).total()

    @cached_property
    def _given(self) -> frozenset[str]:
        """The names of the files in the text that the page last gave."""
        own = of_blocks(parse(self._past.text), self._base)
        return frozenset(file(picture.address, self._base) for each in own.values() for _, picture in each)

    @cached_property
    def _known(self) -> tuple[Counter[str], Counter[str]]:
        """How often each file is a picture, for both texts."""
        one, other = (
            Counter(file(picture.address, self._base) for each in own.values() for _, picture in each)
            for own in self._own
        )
        return one, other

    @cached_property
    def _led(self) -> int:
        """How many pictures of the page the text has with the same addresses."""
        one, other = (
            {target(picture.address, self._base) for each in own.values() for _, picture in each} for own in self._own
        )
        return len(one & other)

    def _files(self, side: int, hunks: Iterator[Hunk]) -> Counter[str]:
        """How often each file is a picture in some hunks."""
        return Counter(file(picture.address, self._base) for hunk in hunks for picture in self._pictures(side, hunk))

    def _pictures(self, side: int, hunk: Hunk) -> Iterator[Picture]:
        for at in range(*hunk[2 * side : 2 * side + 2]):
            yield from (picture for _, picture in self._own[side].get(at, ()))


_TITLE = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_INLINE = re.compile(
    rf"!\[(?P<alt>.*)\]\(\s*(?:<(?P<angle>[^<>\n]*)>|(?P<bare>\S+?))(?P<title>\s+(?:{_TITLE}))?\s*\)", re.DOTALL
)
REFERENCE = re.compile(r"!\[(?P<alt>.*?)\](?:\[(?P<label>[^\]]*)\])?", re.DOTALL)
# Nothing but a picture in its most usual form, without any sign that could mean something else.
_ALONE = re.compile(r"(?P<picture>!\[(?P<alt>[^\[\]\\`<&*_~!]*)\]\((?P<address>[^\s()<>\\`]+)\))\s*")
_SRC = re.compile(r"""(?<=\ssrc)\s*=\s*(?P<quote>["'])(?P<value>.*?)(?P=quote)""", re.IGNORECASE | re.DOTALL)
_ALT = re.compile(r"""(?<=\salt)\s*=\s*(?P<quote>["'])(?P<value>.*?)(?P=quote)""", re.IGNORECASE | re.DOTALL)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_FORMATS = re.compile(r"(?:\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?|ico))+$", re.IGNORECASE)
# Parts of a file's name for its size, density, quality or version.
_VARIANTS = re.compile(
    r"""
    [-_.@](?: \d+x\d* | x\d+ | \d+w | \d(?:\.\d)?x | (?:scaled|thumb(?:nail)?|small|medium|large|min)
      | v?\d{9,} | (?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{6,} | (?=\w*\d)(?=\w*[a-z])(?=\w*[A-Z])\w{8,} )
    (?= [-_.@] | $ )
    """,
    re.VERBOSE,
)
_SIZES = re.compile(
    r"w|h|width|height|q|quality|fm|fmt|format|auto|fit|crop|dpr|size|resize|s|sz|scale|v|ver|version|rev|hash|t",
    re.IGNORECASE,
)
_NAMES = 4096  # pictures in a cache, as each is asked for several times in a visit


def pictures(source: str, lookup: Lookup) -> list[tuple[int, Picture]]:
    """The pictures of inline source, each with its place in it.

    >>> pictures("a ![b](/c.png)", Lookup())
    [(2, Picture(text='![b](/c.png)', address='/c.png', alt='b'))]
    """
    if "![" not in source and "<img" not in source:
        return []
    return _read(source, lookup) if lookup.definitions or lookup.notes else _read_alone(source)


@lru_cache(maxsize=_NAMES)
def _read_alone(source: str) -> list[tuple[int, Picture]]:
    """The pictures of inline source of a text without references. The result is cached: do not change it."""
    return _read(source, Lookup())


def _read(source: str, lookup: Lookup) -> list[tuple[int, Picture]]:
    if alone := _ALONE.fullmatch(source):
        return [(0, Picture(alone["picture"], unescape(alone["address"]), alone["alt"]))]
    found, at = [], 0
    for token in Tokenizer(lookup).tokens(source):
        if token.kind == "mark" and token.key.startswith("![") and (picture := _picture(token.text, lookup)):
            found.append((at, picture))
        at += len(token.text)
    return found if at == len(source) else []


def _picture(text: str, lookup: Lookup) -> Picture | None:
    if inline := _INLINE.fullmatch(text):
        address = inline["bare"] if inline["angle"] is None else inline["angle"]
        return Picture(text, unescape(_ESCAPED.sub(r"\1", address)), unescape(_ESCAPED.sub(r"\1", inline["alt"])))
    if src := _SRC.search(text):
        alt = _ALT.search(text)
        return Picture(text, unescape(src["value"]), unescape(alt["value"]) if alt else "")
    if reference := REFERENCE.fullmatch(text):
        address = lookup.definitions.get(label_of(reference["label"] or reference["alt"]))
        return Picture(text, address, unescape(_ESCAPED.sub(r"\1", reference["alt"]))) if address else None
    return None


@lru_cache(maxsize=_NAMES)
def file(address: str, base: str) -> str:
    """The name of a picture's file, the same for all servers, sizes, formats and versions of it.

    >>> file("/a/boat-300x200.jpg?v=2", ""), file("https://img.example/?url=https%3A%2F%2Fexample.org%2Fboat.png", "")
    ('boat', 'boat')
    """
    try:
        parts = urlsplit(urljoin(base, address.strip()))
    except ValueError:  # not an address
        return address
    pairs = parse_qsl(parts.query)
    path = next((urlsplit(value).path for _, value in pairs if _FORMATS.search(urlsplit(value).path)), None)
    path = path or re.sub(r".*https?:/+", "/", unquote(parts.path))
    name = path.rstrip("/").rpartition("/")[2]
    plain = _VARIANTS.sub("", _FORMATS.sub("", name)) or name
    if _FORMATS.search(name):
        return plain.casefold()
    query = sorted(f"{key}={value}" for key, value in pairs if not _SIZES.fullmatch(key))
    return "?".join([path, *query]).casefold()


def keys(picture: Picture, base: str) -> tuple[str, str]:
    """The keys under which a picture is remembered: by its address, and by its address and text."""
    leads = target(picture.address, base)
    return leads, f"{leads} {' '.join(split_words(picture.alt))}"


def of_blocks(text: Text, base: str) -> dict[int, list[tuple[int, Picture]]]:
    """The pictures of each block with any, by the block's index, and their places in its source."""
    found: dict[int, list[tuple[int, Picture]]] = {}
    whole = "".join(text.lines)
    if "![" not in whole and "<img" not in whole:
        return found
    own_lookup = lookup(whole, base)
    starts = [block.start for block in text.blocks]
    lines = (at for at, line in enumerate(text.lines) if "![" in line or "<img" in line)
    for at in dict.fromkeys(bisect_right(starts, line) - 1 for line in lines):
        block = text.blocks[at]
        if block.kind != "pre" and (own := pictures(text.source(block)[block.column :], own_lookup)):
            found[at] = [(place + block.column, picture) for place, picture in own]
    return found


def rewritten(one: Picture, other: Picture, address: str, alt: str) -> str:
    """The source of a stored picture with another address and text, `other` being the page's."""
    inline, fresh = _INLINE.fullmatch(one.text), _INLINE.fullmatch(other.text)
    reference = REFERENCE.fullmatch(one.text)
    if reference and address != one.address:  # whose definition follows (`references`)
        return f"![{reference['alt'] if alt == one.alt else fresh['alt'] if fresh else alt}]({address})"
    if reference and reference["label"]:
        return f"![{fresh['alt'] if fresh else alt}][{reference['label']}]"
    if reference:  # its text is the name of its address
        return one.text
    if inline is None:
        text = _SRC.sub(lambda found: f"={found['quote']}{escape(address)}{found['quote']}", one.text, count=1)
        return _ALT.sub(lambda found: f"={found['quote']}{escape(alt)}{found['quote']}", text, count=1)
    shown = inline["alt"] if alt == one.alt else fresh["alt"] if fresh else alt
    angle = inline["angle"] is not None
    written = inline["angle" if angle else "bare"] if address == one.address else address
    title = inline["title"] or ""
    if title and address != one.address:
        title = (fresh["title"] if fresh else None) or ""
    return f"![{shown}]({f'<{written}>' if angle else written}{title})"
