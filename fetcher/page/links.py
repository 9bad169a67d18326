"""Link targets as they compare: resolved, without what only tracks, expires or renames the session."""

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

# Parameters that say where a reader came from or when a link was signed, never what it leads to.
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
# Numbers that a machine drew: a UUID, a hash, a signature. One in the place of another leads to the same.
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


# What browsers take off both ends of an address: other spaces are a part of it.
BLANK = "".join(map(chr, range(33)))


@lru_cache(maxsize=4096)  # each link of a page is looked at a few times
def target(link: str, base: str) -> str:
    """What a link leads to, the same for every way to write it; `base` resolves a relative one.

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
    return bare + quote(leads[len(bare) :])  # which would be lost where the target is read again


def query(text: str) -> str:
    """The query of an address, in order and without what only tracks.

    >>> query("utm_source=x&b=2&a=1")
    'a=1&b=2'
    """
    return urlencode(sorted(pair for pair in parse_qsl(text, keep_blank_values=True) if not _NOISE.fullmatch(pair[0])))


# What a place is called is made of its heading, by another rule in each version of a program.
_SLUG = re.compile(r"[^\w*]|_")
# In a place of a page: numbers, which are those of lines or were counted up by a program, and letters among numbers.
_NUMBERED = re.compile(r"\bL?\d+-L?\d+\b|\bL\d+\b|(?:[a-zA-Z]+\d+|\d+[a-zA-Z]+)(?:[a-zA-Z]+\d+|\d+[a-zA-Z]+)\w*|\d+")
_CIPHERED = "/cdn-cgi/l/email-protection"  # the place is a mail address, in another cipher at each fetch
# In a path to a file: the version of it.
_COMMIT = re.compile(r"(?<=/)(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}(?=/)")


def _led_on(value: str) -> str:
    """An address in a parameter, as it compares: without its query, and without the number of the server."""
    if not value.startswith(("http://", "https://")):
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return value
    return f"{_DIGITS.sub('*', parts.netloc.lower())}{_DRAWN.sub('*', unquote(parts.path))}"


_DIGITS = re.compile(r"\d+")


def is_local(link: str) -> bool:
    """Whether the link leads to another file of the seeds folder: the importer's work, not the page's.

    >>> is_local("other-page.md#part"), is_local("/other-page"), is_local("https://example.org/README.md")
    (True, False, False)
    """
    return bool(_LOCAL.fullmatch(link.strip()))


_LOCAL = re.compile(r"(?![a-z][a-z0-9+.-]*:|/|#)[^?#]+\.(?:md|markdown|mdx|txt)(?:#.*)?", re.IGNORECASE)


def current_targets(old: Sequence[str], new: Sequence[str], base: str) -> list[tuple[str, str]]:
    """Each old link with what stands there now: itself, unless it leads elsewhere.

    Nothing where the two sides do not have as many: a body with more or fewer links than the page was written by
    somebody who left some out, and they tell nothing.
    """
    if len(old) != len(new):
        return []
    return [(one, one if _leads_alike(one, other, base) else other) for one, other in zip(old, new, strict=True)]


def _leads_alike(one: str, other: str, base: str) -> bool:
    """Whether two links lead to the same, safely or not, with a slash at the end or without."""
    before, now = (_UNSAFE.sub("https:", target(link, base)).rstrip("/") for link in (one, other))
    return is_local(one) or before == now


_UNSAFE = re.compile(r"^http:(?=//)")


def replace_targets(source: str, links: Sequence[tuple[str, str]]) -> str:
    """Markdown source with the targets of its links, in their order, exchanged; one that is not found is left.

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
    """The pattern of a link as Markdown may write it: signs escaped, `&` as an entity."""
    signs = (
        "&(?:amp;)?" if sign == "&" else re.escape(sign) if sign.isalnum() else rf"\\?{re.escape(sign)}"
        for sign in link
    )
    return f"(?P<link>{''.join(signs)})"


def _balanced(link: str) -> str:
    """The link with its parentheses encoded where they would end it early."""
    if link.count("(") == link.count(")"):
        return link
    return link.replace("(", "%28").replace(")", "%29")


def link_form(address: str) -> str:
    """How an address is written: its server, from the root of one, or as seen from the page."""
    return urlsplit(address).netloc or ("/" if address.startswith("/") else ".")


def respell(address: str, like: str, base: str) -> str:
    """The address written as another one is."""
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
    """Whether a link is nothing but a sign that shows the address of the place where it stands."""
    text = fold("".join(element.itertext())).strip()  # which leaves out the signs of icons' fonts
    return (
        "#" in (element.get("href") or "") and set(text) <= _PERMALINK_SIGNS and next(element.iter("img"), None) is None
    )


_HIDDEN = etree.XPath("//*[@data-cfemail] | //a[contains(@href, '/cdn-cgi/l/email-protection#')]")
_LONGEST = 1000


def decode_emails(page: Page, stored: str) -> Page:
    """The page with its hidden addresses as the stored body has them; the page itself where it hides none.

    Where nothing is stored, or nothing like it, they are written out; where the body has what stands there meanwhile,
    that stays; and where its importer left them out of a text, so does this.
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
    """The address that the figures hide; empty if there is none.

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
    """What stands in place of the address; that of a link is its target."""
    return "".join(element.itertext()) if element.get("data-cfemail") else "cdn-cgi/l/email-protection"


def _known(stored: str) -> Callable[[str], bool]:
    """Whether a text stands in the stored body, whose dialect may have escaped some of its signs."""
    plain = _joined(stored.replace("\\", ""))
    return lambda text: bool(plain) and _joined(text.partition("?")[0]) in plain


def _joined(text: str) -> str:
    return "".join(split_words(text)).lower()


def _is_left_out(element: html.HtmlElement, known: Callable[[str], bool], *, has_any: bool) -> bool:
    """Whether the line in which an address stands is stored without it; one with nothing else where none is stored."""
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
