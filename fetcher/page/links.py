"""Compares links by canonical targets, and rewrites link targets in Markdown.

A canonical target is absolute, and has no parameters for tracking, signatures or sessions.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from posixpath import relpath
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from lxml import html

from fetcher.page.words import fold

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
    address, _, place = link.strip(BLANK).partition("#")
    if (plain := _plain(address, base)) and place.isprintable():
        place = _place(place, plain)
        return f"{plain}#{place}" if place else plain
    try:
        parts = urlsplit(urljoin(base, link.strip(BLANK)))
    except ValueError:  # no address at all
        return link
    if parts.scheme not in ("http", "https"):
        return link.strip(BLANK)
    path = unquote(_SESSION.sub("", parts.path)) or "/"
    pairs = (pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _NOISE.fullmatch(pair[0]))
    query = sorted((key, _led_on(value)) for key, value in pairs)
    place = _place(parts.fragment, path)
    where = (parts.scheme, parts.netloc.lower(), _COMMIT.sub("/*", path), urlencode(query, safe="*:/"), place)
    leads = _DRAWN.sub("*", urlunsplit(where))
    bare = leads.rstrip(BLANK)
    return bare + quote(leads[len(bare) :])  # blanks at the end would be lost when the target is read again


_LONG = re.compile(r"[\w-]{16}")  # as each of these is


# Addresses that are canonical but for generated ids, as most are: to parse and resolve one takes ten times as long.
_PLAIN = re.compile(r"(https?://[a-z0-9.-]+(?::\d+)?)((?:/[\w~-][\w.~-]*)*+/?)", re.ASCII)
_BASE = re.compile(r"(https?://[a-z0-9.:-]+)((?:/[^?#]*)?)(?=[?#]|\Z)")


def _plain(address: str, base: str) -> str:
    """The canonical target of an address without a fragment, if that can be told without parsing it; else empty."""
    origin, folder, here = _starts(base)
    start = "" if address.startswith("http") else here if not address else origin if address[0] == "/" else folder
    if not (found := _PLAIN.fullmatch(start + address)):
        return ""
    plain = found[1] + (found[2] or "/")
    if not _DIGITS.search(plain):
        return plain
    plain = found[1] + _COMMIT.sub("/*", found[2] or "/")
    return _DRAWN.sub("*", plain) if _LONG.search(plain) else plain


@lru_cache(maxsize=1)  # all links of a page have one base
def _starts(base: str) -> tuple[str, str, str]:
    """What is before an address that begins with "/", before any other, and in place of an empty one."""
    if not (found := _BASE.match(base)):
        return "", "", ""
    return found[1], f"{found[1]}{found[2].rpartition('/')[0]}/", base.partition("#")[0]


def _place(fragment: str, path: str) -> str:
    """The fragment of an address with this path, in the form for comparison."""
    if not fragment or path.endswith(_CIPHERED):
        return ""
    fragment = _NUMBERED.sub("*", fragment) if _DIGITS.search(fragment) else fragment
    return _SLUG.sub("", fragment).casefold()


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
_COMMIT = re.compile(r"/(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}(?=/)")


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
    if "#" not in (element.get("href") or ""):
        return False
    text = fold("".join(element.itertext())).strip()  # without characters of icon fonts
    return set(text) <= _PERMALINK_SIGNS and next(element.iter("img"), None) is None
