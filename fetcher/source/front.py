"""What a Markdown answer says of itself: its front matter, and its first heading."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from fetcher.page.metadata import DATES, iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetcher.terms.outcomes import Metadata

# Keys as generators and hosts write them, without regard to case, hyphens and underscores; the most precise first.
_KEYS = {
    "title": ("title",),
    "description": ("description", "summary", "excerpt"),
    "language": ("language", "lang", "locale"),
    "published": ("published", "publishedat", "datepublished", "date", "created"),
    "modified": ("modified", "lastmodified", "updated", "updatedat", "lastupdated", "lastmod", "datemodified"),
}
_HEADING = re.compile(r"# +(.*?)(?:[ ]+#+)?[ ]*")
_MARKUP = re.compile(r"[*`]|(?<!\w)_|_(?!\w)|!?\[([^\]]*)\]\([^)]*\)|[ ]*(?:\{#[^}]*\}|<a [^>]*></a>)")
_NEAR = 60  # lines of a text in which its title stands


def said(fields: Mapping[str, object]) -> Metadata:
    """What the front matter of an answer says, by the names of `metadata`; its title too.

    >>> said({"title": "Harbour", "Last-Updated": "2026-05-01", "layout": "page"})
    {'title': 'Harbour', 'modified': '2026-05-01'}
    """
    known = {re.sub(r"[-_ ]", "", key).lower(): value for key, value in fields.items() if isinstance(key, str)}
    found = {name: next((_text(known[key]) for key in keys if key in known), "") for name, keys in _KEYS.items()}
    return {name: iso(text) if name in DATES else text for name, text in found.items() if text}


def heading(markdown: str) -> str | None:
    """The text of a Markdown's title, its first heading of the first level; None where it has none near its start.

    >>> heading("> Quote\\n\\n# The `open` [call](/x)\\n")
    'The open call'
    """
    lines = islice(markdown.split("\n", _NEAR), _NEAR)
    title = next((found[1] for line in lines if (found := _HEADING.fullmatch(line.rstrip()))), "")
    return _MARKUP.sub(lambda mark: mark[1] or "", title).strip() or None


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else " ".join(str(value).split())
