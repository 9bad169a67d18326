"""One page against one stored body: page, region, Markdown, merge."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from lxml import html as lxml_html

from fetcher.markdown.code import first_class
from fetcher.markdown.convert import to_markdown
from fetcher.markdown.dialect import DEFAULT, Dialect, Traits, at_page, detect
from fetcher.markdown.reading import blocks
from fetcher.merge.merge import NOTHING, Past, merge
from fetcher.merge.rotation import Difference
from fetcher.page.code import language
from fetcher.page.flow import UNSURE, Flow, flow
from fetcher.page.links import is_local, target
from fetcher.page.mail import revealed
from fetcher.page.page import Page, parse
from fetcher.page.unseen import Shown, Unseen
from fetcher.region.choice import choose
from fetcher.region.cut import cut
from fetcher.region.main_content import main_content
from fetcher.terms.outcomes import Held, Metadata

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a page makes of a stored body: `body` is the stored one to the byte where nothing changed.

    `given` is what the page gave, to be remembered: the body as it would be had no person edited it. `differences`
    are by place (`rotation`). `about` is what the page says of itself, where somebody has asked it (`metadata`).
    `is_source`: the page is Markdown, and `given` its own text.
    """

    body: str
    title: str | None
    words_added: int = 0
    words_removed: int = 0
    held: tuple[Held, ...] = ()
    given: str = ""
    differences: Mapping[str, Difference] = field(default_factory=dict)
    about: Metadata = field(default_factory=dict)
    is_source: bool = False


def refresh(html: str, *, url: str, stored: str, accept: AbstractSet[str] = frozenset()) -> Refreshed:
    """The stored body brought up to the page; `accept` names kinds of noise that are not held back."""
    return refresh_page(parse(html, url), stored, accept)


def refresh_page(page: Page, stored: str, accept: AbstractSet[str] = frozenset(), past: Past = NOTHING) -> Refreshed:
    """The stored body brought up to a parsed page, which is left as it is; `past` is what is remembered of it."""
    page = revealed(page, stored)
    found = flow(page.root)
    text = blocks.parse(stored)
    main = main_content(found)
    if not text.words:
        return _filled(_markdown(page, found, main, ""), page.title)
    unseen = Unseen(page, found)
    result, keep = Refreshed(stored, page.title, given=past.text or stored), None
    for _ in range(_TRIES):
        chosen = choose(found, main, text, lambda wanted: _markdown(page, found, wanted, ""))
        if chosen == keep:
            break
        keep = chosen
        kept = found.chosen(keep)
        if _reads(kept, text) and _leads(found, text, page.base):
            break
        result = _merged(
            stored, _markdown(page, found, keep, stored), page, shown=Shown(kept, unseen), accept=accept, past=past
        )
        if result.body == stored:
            break
        # What was new is known now: the region is looked for again, so that the next run finds the same.
        text = blocks.parse(result.body)
    return result


def compared(page: Page, stored: str) -> tuple[Flow, list[bool]]:
    """The page's text, and for each run of it whether a body is compared with it, or made of it if none is stored."""
    found, text = flow(revealed(page, stored).root), blocks.parse(stored)
    main = main_content(found)
    return found, choose(found, main, text, lambda wanted: _markdown(page, found, wanted, "")) if text.words else main


def refresh_text(
    text: str, *, url: str, stored: str, accept: AbstractSet[str] = frozenset(), past: Past = NOTHING
) -> Refreshed:
    """The stored body brought up to an answer that is Markdown or plain text already."""
    if not stored.strip():
        return _filled(text, None)
    return _merged(stored, text, Page(lxml_html.Element("html"), url, url, None), shown=None, accept=accept, past=past)


def _reads(kept: Flow, text: blocks.Text) -> bool:
    """Whether the page's words are those of the text: the way out that needs no converter, for most visits."""
    if kept.words != text.words:
        return False
    sure = (on_page == stored or on_page & UNSURE for on_page, stored in zip(kept.touch, text.touch, strict=True))
    return all(sure)


def _leads(found: Flow, text: blocks.Text, base: str) -> bool:
    """Whether every link of the text still stands on the page."""
    stored = _targets(text, base)
    return not stored or stored <= {
        target(element.get("href"), base) for element in found.elements if element.get("href")
    }


def _targets(text: blocks.Text, base: str) -> set[str]:
    return {target(link, base) for block in text.blocks for link in block.links if not is_local(link)}


def _markdown(page: Page, found: Flow, keep: Sequence[bool], stored: str) -> str:
    known = _targets(blocks.parse(stored), page.base)

    def embeds(element: lxml_html.HtmlElement) -> bool:
        sources = (each.get("src") or each.get("data") for each in element.iter(element.tag, "source"))
        return not stored or any(target(source, page.base) in known for source in sources if source)

    tree = cut(page.root, found, keep, embeds)
    return to_markdown(tree, base=page.base, dialect=_dialect(page, stored) if stored else DEFAULT)


def _dialect(page: Page, stored: str) -> Dialect:
    """How the stored body of a page writes Markdown."""
    codes = list(page.root.iter("pre"))
    traits = Traits(
        frozenset(href for element in page.root.iter("a") if (href := element.get("href"))),
        frozenset(map(first_class, codes)) - {""},
        frozenset(map(language, codes)) - {""},
        frozenset(text for element in page.root.iter("u") if (text := "".join(element.itertext()).strip())),
    )
    return at_page(detect(stored), stored, traits)


def _filled(text: str, title: str | None) -> Refreshed:
    body = text.strip("\n")
    body = f"\n{body}\n" if body else ""
    return Refreshed(body, title, words_added=len(blocks.parse(body).words), given=body)


def _merged(
    stored: str,
    fresh: str,
    page: Page,
    *,
    shown: Shown | None,
    accept: AbstractSet[str],
    past: Past,
) -> Refreshed:
    merged = merge(stored, fresh, base=page.base, page=shown, accept=accept, past=past)
    given = merged.body
    if past.text and past.text != stored:
        given = merge(past.text, fresh, base=page.base, page=shown, accept=accept, past=replace(past, text="")).body
    written = [change for change in merged.changes if not change.held]
    return Refreshed(
        merged.body,
        page.title,
        sum(change.words_added for change in written),
        sum(change.words_removed for change in written),
        tuple(
            Held(change.held, change.removed, change.added, change.place) for change in merged.changes if change.held
        ),
        given,
        merged.differences,
    )
