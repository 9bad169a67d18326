"""Decodes mail addresses that Cloudflare hides from programs in pages."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any, cast

from lxml import etree, html

from fetcher.page.page import Page
from fetcher.page.semantics import INLINE
from fetcher.page.words import split_words

# The attributes are found in a third of the time of their elements.
_HIDDEN = etree.XPath("//@data-cfemail | //a/@href[contains(., '/cdn-cgi/l/email-protection#')]")
_LONGEST = 1000


def decode_emails(page: Page, stored: str) -> Page:
    """The page with its mail addresses that Cloudflare hid decoded, as far as the stored body has them.

    All are decoded if the body has nothing similar. Where it has the placeholder text, that stays; where its importer
    left the address out of a text, so does this.
    """
    if not _HIDDEN(page.root):
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
    return [*dict.fromkeys(said.getparent() for said in cast("list[Any]", _HIDDEN(root)))]


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
