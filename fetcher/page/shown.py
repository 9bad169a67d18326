"""What a page shows, as a digest: the same again, however the markup was rebuilt, means that nothing changed."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from lxml import etree

from fetcher.page.flow import SILENT
from fetcher.page.links import target
from fetcher.page.looks import is_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import html

    from fetcher.page.page import Page

# Links in which nothing can stand that differs at each visit, however they compare.
_STEADY = re.compile(r"[^?;%]{,15} | [^?;%\d]*", re.VERBOSE)
_EMBEDDED = frozenset({"iframe", "object", "embed", "audio", "video"})  # not text, but what they show is content


def digest(page: Page) -> bytes:
    """Sixteen bytes that differ where two pages show other text, links or images, or hide something else.

    White space, tags, classes and scripts make no difference.
    """
    text = "".join("".join(_pieces(page.root, page.base)).split())
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _pieces(root: html.HtmlElement, base: str) -> Iterator[str]:
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        if event == "end":
            if tail := element.tail:
                yield tail
            continue
        tag = element.tag
        if tag in SILENT:
            walker.skip_subtree()
            if tag not in _EMBEDDED:
                continue
        elif text := element.text:
            yield text
        if link := element.get("href") or element.get("src"):
            yield f"\1{link if _STEADY.fullmatch(link) else target(link, base)}\2"
        if is_hidden(element):
            yield "\3"
