"""One page against one stored body: page, region, Markdown, merge."""

from dataclasses import dataclass

from markdownify import markdownify

from fetcher import page as pages


@dataclass(frozen=True, slots=True)
class Held:
    """A difference that was not written, with the reason; `removed` and `added` are Markdown."""

    reason: str
    removed: str
    added: str


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a page makes of a stored body: `body` is the stored one to the byte where nothing changed."""

    body: str
    title: str | None
    words_added: int = 0
    words_removed: int = 0
    held: tuple[Held, ...] = ()


def refresh(html: str, *, url: str, stored: str) -> Refreshed:
    """The stored body brought up to the page."""
    page = pages.parse(html, url)
    main = next(iter(page.root.xpath("//main | //article | //body")), page.root)
    text = markdownify(pages.html.tostring(main, encoding="unicode"), heading_style="ATX", bullets="-").strip() + "\n"
    return _against(text, stored, page.title)


def refresh_text(text: str, *, url: str, stored: str) -> Refreshed:  # noqa: ARG001
    """The stored body brought up to an answer that is Markdown or plain text already."""
    return _against(text, stored, None)


def _against(text: str, stored: str, title: str | None) -> Refreshed:
    if stored.split() == text.split():
        return Refreshed(stored, title)
    return Refreshed("\n" + text, title, len(text.split()), len(stored.split()))
