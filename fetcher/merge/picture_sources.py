"""Pictures as they stand in the source of a text, and the names of their files."""

import re
from functools import lru_cache
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from fetcher.markdown.reading.blocks import Text
from fetcher.merge.tokenizer import Tokenizer
from fetcher.merge.tokens import Sight, label_of, sight
from fetcher.page.links import target
from fetcher.page.words import pieces

_TITLE = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_INLINE = re.compile(
    rf"!\[(?P<alt>.*)\]\(\s*(?:<(?P<angle>[^<>\n]*)>|(?P<bare>\S+?))(?P<title>\s+(?:{_TITLE}))?\s*\)", re.DOTALL
)
REFERENCE = re.compile(r"!\[(?P<alt>.*?)\](?:\[(?P<label>[^\]]*)\])?", re.DOTALL)
_SRC = re.compile(r"""(?<=\ssrc)\s*=\s*(?P<quote>["'])(?P<value>.*?)(?P=quote)""", re.IGNORECASE | re.DOTALL)
_ALT = re.compile(r"""(?<=\salt)\s*=\s*(?P<quote>["'])(?P<value>.*?)(?P=quote)""", re.IGNORECASE | re.DOTALL)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_FORMATS = re.compile(r"(?:\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?|ico))+$", re.IGNORECASE)
# What the name of a file has for its size, its density, its quality or its version.
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
_NAMES = 4096  # that are kept, as the links of a page are asked for several times in one visit


class Picture(NamedTuple):
    """A picture as it stands in a source: its text there, the address of its file, and the text in its place."""

    text: str
    address: str
    alt: str


def pictures(source: str, sight: Sight) -> list[tuple[int, Picture]]:
    """The pictures of inline source, each with its place in it.

    >>> pictures("a ![b](/c.png)", Sight())
    [(2, Picture(text='![b](/c.png)', address='/c.png', alt='b'))]
    """
    if "![" not in source and "<img" not in source:
        return []
    found, at = [], 0
    for token in Tokenizer(sight).tokens(source):
        if token.kind == "mark" and token.key.startswith("![") and (picture := _picture(token.text, sight)):
            found.append((at, picture))
        at += len(token.text)
    return found if at == len(source) else []


def _picture(text: str, sight: Sight) -> Picture | None:
    if inline := _INLINE.fullmatch(text):
        address = inline["bare"] if inline["angle"] is None else inline["angle"]
        return Picture(text, unescape(_ESCAPED.sub(r"\1", address)), unescape(_ESCAPED.sub(r"\1", inline["alt"])))
    if src := _SRC.search(text):
        alt = _ALT.search(text)
        return Picture(text, unescape(src["value"]), unescape(alt["value"]) if alt else "")
    if reference := REFERENCE.fullmatch(text):
        address = sight.definitions.get(label_of(reference["label"] or reference["alt"]))
        return Picture(text, address, unescape(_ESCAPED.sub(r"\1", reference["alt"]))) if address else None
    return None


@lru_cache(maxsize=_NAMES)
def file(address: str, base: str) -> str:
    """The name of a picture's file, the same for every server, size, format and version of it.

    >>> file("/a/boat-300x200.jpg?v=2", ""), file("https://img.example/?url=https%3A%2F%2Fexample.org%2Fboat.png", "")
    ('boat', 'boat')
    """
    try:
        parts = urlsplit(urljoin(base, address.strip()))
    except ValueError:  # no address at all
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
    """The names of a picture in memory: of its file alone, and with its text."""
    leads = target(picture.address, base)
    return leads, f"{leads} {' '.join(pieces(picture.alt))}"


def of_blocks(text: Text, base: str) -> dict[int, list[tuple[int, Picture]]]:
    """The pictures of each block that has any, with their places in its source."""
    found: dict[int, list[tuple[int, Picture]]] = {}
    whole = "".join(text.lines)
    if "![" not in whole and "<img" not in whole:
        return found
    own_sight = sight(whole, base)
    for at, block in enumerate(text.blocks):
        if block.kind != "pre" and (own := pictures(text.source(block)[block.column :], own_sight)):
            found[at] = [(place + block.column, picture) for place, picture in own]
    return found


def rewritten(one: Picture, other: Picture, address: str, alt: str) -> str:
    """A stored picture with another address and text."""
    inline, fresh = _INLINE.fullmatch(one.text), _INLINE.fullmatch(other.text)
    if (reference := REFERENCE.fullmatch(one.text)) and reference["label"]:
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
