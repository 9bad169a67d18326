"""Compares links by canonical targets, rewrites link targets in Markdown, and decodes hidden mail addresses.

A canonical target is absolute, and has no parameters for tracking, signatures or sessions.
"""

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from posixpath import relpath
from typing import Any, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from lxml import etree, html

from fetcher.page.page import Page
from fetcher.page.semantics import INLINE
from fetcher.page.words import fold, split_words

# Parameters for tracking, sessions and signatures: they never change what a link leads to.
_NOISE = re.compile(
    r"""
    utm_\w+ | [gdm]clid | gclsrc | fbclid | msclkid | yclid | igshid | mc_[ce]id | _hs(?:enc|mi) | vero_id | oly_\w+_id
    | ref | ref_?src | referr?er | cmpid | s_kwcid | trk
    | (?:php)?sess(?:ion)?_?id | sid | jsessionid
    | x-(?:amz|goog)-\w[\w-]* | expires | signature | key-pair-id | policy | awsaccesskeyid | hmac | sig | s[etvrip]
    | spr | sk(?:oid|tid|t|e|s|v)
    | nonce | _ | cb | cachebuster | timestamp | ts | token
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
# Generated ids: a UUID, a hash, a signature. They change while the target stays.
_DRAWN = re.compile(
    r"""
    (?<![\w-]) (?:
      [0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}
    | (?=[a-z]*\d)(?=\d*[a-z])[0-9a-f]{16,}
    | (?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{24,}
    ) (?![\w-])
    """,
    re.VERBOSE,
)


# Browsers strip these from both ends of a URL; other white space is part of it.
BLANK = "".join(map(chr, range(33)))


@lru_cache(maxsize=4096)  # each link of a page is looked at a few times
def target(link: str, base: str) -> str:
    """The canonical target of a link, the same for all ways to write it; `base` resolves a relative one.

    >>> target("/a?utm_source=x&b=1", "https://example.org/x")
    'https://example.org/a?b=1'
    """
    try:
        parts = urlsplit(urljoin(base, link.strip(BLANK)))
    except ValueError:  # no address at all
        return link
    if parts.scheme not in ("http", "https"):
        return link.strip(BLANK)
    path = unquote(_SESSION.sub("", parts.path)) or "/"
    pairs = (pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _NOISE.fullmatch(pair[0]))
    query = sorted((key, _led_on(value)) for key, value in pairs)
    place = "" if path.endswith(_CIPHERED) else _SLUG.sub("", _NUMBERED.sub("*", parts.fragment)).casefold()
    where = (parts.scheme, parts.netloc.lower(), _COMMIT.sub("*", path), urlencode(query, safe="*:/"), place)
    leads = _DRAWN.sub("*", urlunsplit(where))
    bare = leads.rstrip(BLANK)
    return bare + quote(leads[len(bare) :])  # blanks at the end would be lost when the target is read again


def query(text: str) -> str:
    """The query of a URL, sorted, without parameters for tracking.

    >>> query("utm_source=x&b=2&a=1")
    'a=1&b=2'
    """
    return urlencode(sorted(pair for pair in parse_qsl(text, keep_blank_values=True) if not _NOISE.fullmatch(pair[0])))


# Removed from fragments: site generators make these slugs of headings by rules that differ between versions.
_SLUG = re.compile(r"[^\w*]|_")
# In fragments: line numbers, counters, and generated mixtures of letters and numbers.
_NUMBERED = re.compile(r"\bL?\d+-L?\d+\b|\bL\d+\b|(?:[a-zA-Z]+\d+|\d+[a-zA-Z]+)(?:[a-zA-Z]+\d+|\d+[a-zA-Z]+)\w*|\d+")
_CIPHERED = "/cdn-cgi/l/email-protection"  # the fragment is a mail address, encrypted anew at each fetch
# A commit in the path of a file.
_COMMIT = re.compile(r"(?<=/)(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}(?=/)")


def _led_on(value: str) -> str:
    """A URL in a parameter in the form for comparison: without its query, numbers in its host replaced."""
    if not value.startswith(("http://", "https://")):
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return value
    return f"{_DIGITS.sub('*', parts.netloc.lower())}{_DRAWN.sub('*', unquote(parts.path))}"


_DIGITS = re.compile(r"\d+")


def is_local(link: str) -> bool:
    """Whether a link leads to another file of the seeds folder; the importer wrote it, not the page.

    >>> is_local("other-page.md#part"), is_local("/other-page"), is_local("https://example.org/README.md")
    (True, False, False)
    """
    return bool(_LOCAL.fullmatch(link.strip()))


_LOCAL = re.compile(r"(?![a-z][a-z0-9+.-]*:|/|#)[^?#]+\.(?:md|markdown|mdx|txt)(?:#.*)?", re.IGNORECASE)


def current_targets(old: Sequence[str], new: Sequence[str], base: str) -> list[tuple[str, str]]:
    """Pairs of each old link and what to write in its place: itself, unless the new link has another target.

    Empty if the numbers of links differ: somebody left some out of the body, so that they cannot be paired.
    """
    if len(old) != len(new):
        return []
    return [(one, one if _leads_alike(one, other, base) else other) for one, other in zip(old, new, strict=True)]


def _leads_alike(one: str, other: str, base: str) -> bool:
    """Whether two links have the same target, with http or https, and with a slash at the end or without."""
    before, now = (_UNSAFE.sub("https:", target(link, base)).rstrip("/") for link in (one, other))
    return is_local(one) or before == now


_UNSAFE = re.compile(r"^http:(?=//)")


def replace_targets(source: str, links: Sequence[tuple[str, str]]) -> str:
    """Markdown source with the targets of its links replaced, given in their order; links that are not found stay.

    >>> replace_targets("[a](/x) [b](/x)", [("/x", "/x"), ("/x", "/y")])
    '[a](/x) [b](/y)'
    """
    parts, rest = [], source
    for old, new in links:
        found = re.search(rf"(?:\]\(<?|<){_written(old)}(?=[\s)>])", rest)
        if found:
            parts += [rest[: found.start("link")], found["link"] if old == new else _balanced(new)]
            rest = rest[found.end() :]
    return "".join(parts) + rest


def _written(link: str) -> str:
    """A pattern for a link as Markdown may write it: characters escaped, `&` as a character reference."""
    signs = (
        "&(?:amp;)?" if sign == "&" else re.escape(sign) if sign.isalnum() else rf"\\?{re.escape(sign)}"
        for sign in link
    )
    return f"(?P<link>{''.join(signs)})"


def _balanced(link: str) -> str:
    """The link with its parentheses percent-encoded if they would end it early."""
    if link.count("(") == link.count(")"):
        return link
    return link.replace("(", "%28").replace(")", "%29")


def link_form(address: str) -> str:
    """How a URL is written: its host if absolute, "/" if relative to the root, "." if relative to the page."""
    return urlsplit(address).netloc or ("/" if address.startswith("/") else ".")


def respell(address: str, like: str, base: str) -> str:
    """The URL written in the form of `like`."""
    whole, other = urljoin(base, address), link_form(like)
    if other not in ("/", "."):
        return whole
    parts, here = urlsplit(whole), urlsplit(base)
    if parts.netloc != here.netloc:
        return whole
    path = parts.path if other == "/" else relpath(parts.path, here.path.rpartition("/")[0] or "/")
    return path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")


_PERMALINK_SIGNS = frozenset("¶§#⚓🔗∞")


def is_permalink(element: html.HtmlElement) -> bool:
    """Whether a link is only a sign (¶, #, …) that leads to its own place."""
    text = fold("".join(element.itertext())).strip()  # without characters of icon fonts
    return (
        "#" in (element.get("href") or "") and set(text) <= _PERMALINK_SIGNS and next(element.iter("img"), None) is None
    )


_HIDDEN = etree.XPath("//*[@data-cfemail] | //a[contains(@href, '/cdn-cgi/l/email-protection#')]")
_LONGEST = 1000


def decode_emails(page: Page, stored: str) -> Page:
    """The page with its mail addresses that Cloudflare hid decoded, as far as the stored body has them.

    All are decoded if the body has nothing similar. Where it has the placeholder text, that stays; where its importer
    left the address out of a text, so does this.
    """
    if not _find(page.root):
        return page
    root = deepcopy(page.root)
    known = _known(stored)
    hidden = [(element, address) for element in _find(root) if (address := _address(element))]
    has_any = any(known(address) or known(_said(element)) for element, address in hidden)
    for element, address in hidden:
        if known("") and not known(address):
            if known(_said(element)):
                continue
            if element.get("data-cfemail") and _is_left_out(element, known, has_any=has_any):
                element.text = None
                continue
        _write(element, address)
    return replace(page, root=root)


def decoded(figures: str) -> str:
    """The mail address in Cloudflare's hexadecimal encoding; empty if there is none.

    >>> decoded("2a4b6a4804494547")
    'a@b.com'
    """
    try:
        key, *rest = bytes.fromhex(figures[:_LONGEST])
        address = bytes(byte ^ key for byte in rest).decode()
    except ValueError:
        return ""
    return address if "@" in address and address.isprintable() else ""


def _find(root: html.HtmlElement) -> list[Any]:
    return cast("list[Any]", _HIDDEN(root))


def _address(element: html.HtmlElement) -> str:
    return decoded(element.get("data-cfemail") or (element.get("href") or "").partition("#")[2])


def _said(element: html.HtmlElement) -> str:
    """The placeholder of the address; for a link, its target."""
    return "".join(element.itertext()) if element.get("data-cfemail") else "cdn-cgi/l/email-protection"


def _known(stored: str) -> Callable[[str], bool]:
    """A function that tells whether a text occurs in the stored body, where characters may be escaped."""
    plain = _joined(stored.replace("\\", ""))
    return lambda text: bool(plain) and _joined(text.partition("?")[0]) in plain


def _joined(text: str) -> str:
    return "".join(split_words(text)).lower()


def _is_left_out(element: html.HtmlElement, known: Callable[[str], bool], *, has_any: bool) -> bool:
    """Whether the line around an address is stored without it; for a line with nothing else, whether none is stored."""
    line = element
    while line.tag in INLINE and (parent := line.getparent()) is not None:
        line = parent
    before, _, after = _joined(" ".join(line.itertext())).partition(_joined(_said(element)))
    return known(before + after) if before or after else not has_any


def _write(element: html.HtmlElement, address: str) -> None:
    link = element if element.tag == "a" else element.getparent()
    if link is not None and link.tag == "a":
        link.set("href", f"mailto:{address}")
    if element.attrib.pop("data-cfemail", None):
        element.text = address
        for child in list(element):
            element.remove(child)
