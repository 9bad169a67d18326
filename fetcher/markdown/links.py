"""Writes the destinations of links and images as they stand between the parentheses of Markdown."""

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from lxml import html

from fetcher.markdown.dialect import Dialect
from fetcher.page.links import BLANK
from fetcher.page.words import split_words

# Characters that browsers remove from an address before they parse it.
_CUT = re.compile(r"[\t\r\n\x00-\x1f]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# Schemes that run code, contain the whole file, or mean something on one machine only.
_UNSAFE = frozenset({"javascript", "vbscript", "data", "blob", "file", "about", "filesystem"})
# What would end an address in Markdown or in a table cell, is read as an entity, or is encoded by cmark's own writer.
_UNFIT = re.compile(r"[\s<>\\\[\]\"^`{|}\x7f\u00a0\u2028\u2029\ufdd0-\ufdef]|&(?=#?\w{1,31};)")
# Images that are loaded late have a placeholder, or nothing, in `src`.
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "src", "data-url")
_LAZY_SETS = ("srcset", "data-srcset", "data-lazy-srcset")


def link_target(href: str | None, base: str, dialect: Dialect) -> str | None:
    """The destination of a link as the dialect writes it; None if there is none that a reader can follow.

    An address within the page (`#part`) stays as it is: it works within the file too.
    """
    if dialect.links == "absolute" and href and (rooted := _rooted(base, href)):
        return rooted
    href = _CUT.sub("", href or "").strip(BLANK)
    if not href or href == "#":
        return None
    scheme = href.partition(":")[0].strip().lower() if _SCHEME.match(href) else ""
    if scheme in _UNSAFE:
        return None
    if href.startswith("#") or scheme:
        return _fit(href)
    absolute = _join(base, href)
    if absolute is None or dialect.links == "absolute" or href.startswith("//"):
        return _fit(absolute or href)
    return _fit(href if dialect.links == "page" or href.startswith(("/", "?")) else _from_root(absolute))


# Most links are such paths, and `urljoin` takes ten times as long.
ROOTED = re.compile(r"(?:/[\w~%-][\w.~%-]*)+/?(?:\?[\w.~%=&+-]+)?(?:#[\w.~%-]+)?", re.ASCII)
"""Paths from the root that `urljoin` leaves as they are: without `..` and empty parts."""


def _rooted(base: str, href: str) -> str:
    """The full address of a path from the root, if it can be told without parsing; else empty."""
    return f"{origin}{href}" if ROOTED.fullmatch(href) and (origin := _origin(base)) else ""


@lru_cache(maxsize=1)  # all links of a page have one base
def _origin(base: str) -> str:
    """Scheme and host of an http(s) URL, as far as they need no encoding; empty for any other."""
    try:
        parts = urlsplit(base)
    except ValueError:  # "http://[" and the like
        return ""
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin if parts.scheme in ("http", "https") and parts.netloc and _fit(origin) == origin else ""


def _join(base: str, href: str) -> str | None:
    try:
        return _rooted(base, href) or urljoin(base, href)
    except ValueError:
        return None


def _from_root(address: str) -> str:
    parts = urlsplit(address)
    return parts._replace(scheme="", netloc="").geturl() or "/"


def _fit(address: str) -> str:
    """The address, with each character percent-encoded that would end it or be read as something else."""
    address = _UNFIT.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), address)
    return address if _balanced(address) else address.replace("(", "%28").replace(")", "%29")


def _balanced(address: str) -> bool:
    if "(" not in address and ")" not in address:
        return True
    depth = deepest = 0
    for sign in address:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
        if depth < 0:
            return False
    return depth == 0 and deepest < 32  # cmark gives up at 32


def with_title(address: str, title: str | None, text: str) -> str:
    """What stands between the parentheses: the address, and the title if it says more than the text does."""
    title = " ".join((title or "").split())
    if not title or "".join(split_words(title)).lower() in "".join(split_words(text)).lower():
        return address
    escaped = re.sub(
        r'(["\\`]|&(?=#?\w{1,31};)|[\ufdd0-\ufdef])',
        lambda match: "" if match[0] >= "\ufdd0" else "\\" + match[0],
        title,
    )
    return f'{address} "{escaped}"'


def image_target(element: html.HtmlElement, base: str, dialect: Dialect) -> str | None:
    """The address of the image that an `img` shows once the page has loaded it; None for `data:` and the like."""
    for name in _LAZY:
        if (address := link_target(element.get(name), base, dialect)) is not None:
            return address
    for name in _LAZY_SETS:
        if (address := link_target(_largest(element.get(name) or ""), base, dialect)) is not None:
            return address
    return None


def _largest(candidates: str) -> str:
    """The widest candidate of a `srcset`, the last of several.

    >>> _largest("a.png 1x, b.png 2x")
    'b.png'
    """
    best, address = -1.0, ""
    for candidate in re.findall(r"([^\s,]\S*[^\s,])(?:\s+([\d.]+)[wx])?\s*(?:,|$)", candidates):
        size = float(candidate[1]) if re.fullmatch(r"\d+(\.\d+)?", candidate[1]) else 1.0
        if size >= best:
            best, address = size, candidate[0]
    return address
