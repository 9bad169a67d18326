"""Checks whether a URL can be fetched, and hides user names and passwords in URLs."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

_NO_ADDRESS = re.compile(r"[\s\x00-\x20\x7f-\x9f\\]")
_HOST = re.compile(r"[\w.-]+|[0-9a-fA-F:.]+(?:%\w+)?")  # a name (of any script) or an IPv6 address
_CREDENTIALS = re.compile(r"//[^\s/?#@][^\s/?#]*@")
_NETLOC_WITH_SIGN = re.compile(r"[^/?#]*//[^/?#]*@")
_LONGEST_LABEL, _LONGEST_NAME = 63, 253  # RFC 1035


def fault(url: str) -> str:
    """Why a URL cannot be fetched, in words that do not quote it; empty if it can.

    >>> fault("https://example.org/"), fault("http://a..b/"), fault("mailto:me@example.org")
    ('', 'its host name has an empty part', 'mailto: is not fetched')
    """
    if not url:
        return "it is empty"
    if _NO_ADDRESS.search(url):
        return "it holds a space, a backslash or a control character"
    try:
        return _fault_of(urlsplit(url))
    except ValueError:  # a bad IPv6 address or port; the message is not used, as it quotes the URL
        return "its host or its port is none"


def has_credentials(url: str) -> bool:
    """Whether a URL contains a user name or a password."""
    return bool(_NETLOC_WITH_SIGN.match(url))


def masked(text: str) -> str:
    """The text with the user names and passwords of its URLs replaced by `…`.

    >>> masked("No answer from https://me:secret@example.org/a.")
    'No answer from https://…@example.org/a.'
    """
    return _CREDENTIALS.sub("//…@", text)


def _fault_of(parts: SplitResult) -> str:
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}: is not fetched" if parts.scheme else "it has no https: in front"
    if not parts.hostname or not _HOST.fullmatch(parts.hostname):
        return "it has no valid host name"
    if parts.port == 0:
        return "no server listens on port 0"
    return "" if ":" in parts.hostname else _fault_of_name(parts.hostname.removesuffix("."))


def _fault_of_name(host: str) -> str:
    labels = host.split(".")
    if not all(labels):
        return "its host name has an empty part"
    if max(map(len, labels)) > _LONGEST_LABEL or len(host) > _LONGEST_NAME:
        return "its host name is longer than names can be"
    coded = [label[4:] for label in labels if label.startswith("xn--")]
    return "" if all(map(_is_punycode, coded)) else "its host name cannot be decoded"


def _is_punycode(label: str) -> bool:
    try:
        return bool(label.encode("ascii").decode("punycode"))
    except UnicodeError:
        return False
