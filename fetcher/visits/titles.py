"""Whether a seed's title follows its page's, and what it is now."""

from fetcher.markdown.reading import blocks
from fetcher.page.words import pieces


def followed(title: str, last: str | None, now: str | None, before: str, after: str) -> str | None:
    """The new title of a seed; None where it stays.

    `title` is the seed's, `last` and `now` are the page's, at the last visit (None: not remembered) and at this one;
    `before` and `after` are the bodies. A title that a person chose stays. Without memory, the seed's title is told to
    be the page's where both are their body's first heading with the same words around it.

    >>> followed("Old name | Site", None, "New name | Site", "# Old name", "# New name")
    'New name | Site'
    >>> followed("My own title", "Old name", "New name", "# Old name", "# New name") is None
    True
    """
    if not now or pieces(now) == pieces(title):
        return None
    if last:
        return now if pieces(last) == pieces(title) else None
    old, new = _heading(before), _heading(after)
    if not old or not new or old == new or title.count(old) != 1:
        return None
    return now if pieces(title.replace(old, new)) == pieces(now) else None


def _heading(body: str) -> str:
    """The text of the first heading; empty where there is none."""
    for element in blocks.render(body).iter("h1", "h2", "h3", "h4", "h5", "h6"):
        return " ".join(element.text_content().split())
    return ""
