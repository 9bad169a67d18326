"""Mail addresses that a host hides from robots, as Cloudflare does: another cipher at each fetch, the same address.

The address stands in hexadecimal figures in an attribute, or in a link's place; the first byte is the key of an XOR
over the rest. A script of the page puts it where `[email protected]` stands meanwhile.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any, cast

from lxml import etree, html

from fetcher.page.looks import INLINE
from fetcher.page.page import Page
from fetcher.page.words import pieces

_HIDDEN = etree.XPath("//*[@data-cfemail] | //a[contains(@href, '/cdn-cgi/l/email-protection#')]")
_LONGEST = 1000


def revealed(page: Page, stored: str) -> Page:
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
    return "".join(pieces(text)).lower()


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
