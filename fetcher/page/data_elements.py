"""Turns embedded data into elements: strings that are likely to be shown become headings and paragraphs."""

from __future__ import annotations

import json
import re
from typing import Any

from lxml import etree, html

from fetcher.page.page import document
from fetcher.page.xml_text import xml_text

_DEEPEST = 100
_MOST = 100_000  # values
_MARKUP = re.compile(
    r"</(?:p|div|h[1-6]|ul|ol|li|table|section|article|blockquote|pre|a|em|strong|b|i|span)\s*>|<br\s*/?>",
    re.IGNORECASE,
)
# Keys whose values are never text to show: ids, styles, addresses.
_NAMES = frozenset(
    """
    @context @id @type alt class classname component css email etag hash hostname href icon id image key keywords lang
    language locale path permalink query rel slug src srcset style styles target template thumbnail token type uid url
    uri uuid variant viewbox
    """.split()
)
_ADDRESSES = ("href", "url", "path", "link", "permalink", "slug")
_TITLES = ("headline", "title", "heading", "name")
_BLANK_LINE = re.compile(r"\n\s*\n")
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]{4}")
# URLs, dates, numbers and paths; and braces, which only code and styles have.
_NO_TEXT = re.compile(r"(?:\w+:)?//\S+|[\d\s:.,TZ+/-]+|[\w.-]*/[\w./-]*|[^{}]*[{}].*", re.DOTALL)
_LABEL = 8  # the most words of a link to another page
_LONG = 25  # the fewest words of a text that is not a label
_LABELS = 12  # an object with more labels is a translation table for a site's controls


def as_elements(value: Any) -> html.HtmlElement:
    """An element with the texts of a value, in order, but titles before their siblings.

    >>> etree.tostring(as_elements({"id": "a1", "body": "<p>Two <b>words</b></p>", "title": "Few"}))
    b'<div><div><h1>Few</h1><div><div><p>Two <b>words</b></p></div></div></div></div>'
    """
    holder = html.Element("div")
    _Values().add(holder, "", value, 0)
    return holder


def html_fragment(text: str) -> html.HtmlElement:
    """An element with the content of an HTML fragment."""
    body = document(f"<html><body><div>{text}</div></body></html>").find("body")
    body.tag = "div"
    return body


class _Values:
    """Adds values to elements, at most `_room` more."""

    def __init__(self) -> None:
        self._room = _MOST
        self._has_title = False

    def add(self, holder: html.HtmlElement, name: str, value: Any, depth: int) -> None:
        """Add the texts of a value that is stored under `name`."""
        self._room -= 1
        if depth > _DEEPEST or self._room < 0:
            return
        if isinstance(value, dict):
            if not _is_dictionary(value):
                self._add_object(etree.SubElement(holder, "div"), value, depth)
        elif isinstance(value, list):
            # A list of links to other pages is a menu.
            is_menu = len(value) > 1 and all(map(_is_link, value))
            box = etree.SubElement(holder, "nav" if is_menu else "div")
            for one in value:
                self.add(box, name, one, depth + 1)
        elif isinstance(value, str) and name not in _NAMES:
            self._add_text(holder, name, value.strip(), depth)

    def _add_object(self, box: html.HtmlElement, value: dict[str, Any], depth: int) -> None:
        for key in sorted(value, key=lambda each: each.lower() not in _TITLES):
            self.add(box, key.lower(), value[key], depth + 1)

    def _add_text(self, holder: html.HtmlElement, name: str, text: str, depth: int) -> None:
        if text[:1] in ("{", "[") and (inner := read_json(text)) is not None:
            self.add(holder, name, inner, depth + 1)
        elif _MARKUP.search(text):
            holder.append(html_fragment(text))
        elif name in _TITLES and text and not _NO_TEXT.fullmatch(text):
            etree.SubElement(holder, "h2" if self._has_title else "h1").text = xml_text(text)
            self._has_title = True
        elif (len(text.split()) > 1 or _UNSPACED.search(text)) and not _NO_TEXT.fullmatch(text):
            for part in filter(str.strip, _BLANK_LINE.split(text)):
                etree.SubElement(holder, "p").text = xml_text(part.strip())


def _is_dictionary(value: dict[str, Any]) -> bool:
    """Whether an object, with nested ones, is a translation table: many labels, and no longer text."""
    labels, inner = 0, [value]
    for one in inner:
        for text in one.values():
            if isinstance(text, dict) and len(inner) < _MOST:
                inner.append(text)
            elif isinstance(text, list) or (isinstance(text, str) and len(text.split()) >= _LONG):
                return False
            labels += isinstance(text, str) and " " in text.strip()
    return labels > _LABELS


def _is_link(value: Any) -> bool:
    """Whether an object is a link: it has a URL and a few words."""
    if not isinstance(value, dict) or not any(isinstance(value.get(name), str) for name in _ADDRESSES):
        return False
    words = sum(len(one.split()) for name, one in value.items() if isinstance(one, str) and name not in _ADDRESSES)
    return words <= _LABEL and not any(isinstance(one, (dict, list)) for one in value.values())


def read_json(text: str) -> Any:
    """The value of a JSON text, line breaks within strings allowed; None if it is invalid."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
