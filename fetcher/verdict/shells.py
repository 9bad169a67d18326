"""Recognises answers without content: script shells, redirects by markup, and answers that were cut short."""

import re
from urllib.parse import urlsplit

from fetcher.verdict.page_summary import Notice, PageSummary, mentioning_line, notice_line

_HARDLY_ANY = 400
_SENTENCE = 200
_NEARLY_NONE = 100
_NONE = 10
# Elements into which frameworks render the page.
_ROOT_IDS = frozenset(
    {
        "root",
        "app",
        "__next",
        "__nuxt",
        "___gatsby",
        "svelte",
        "q-app",
        "app-root",
        "react-root",
        "main-app",
        "ember-app",
    },
)
_ROOT_TAGS = frozenset({"app-root", "my-app", "ion-app", "flt-glass-pane"})
_LEAVES = re.compile(r"""location(?:\.href)?\s*=\s*["']|location\.(?:replace|assign)\s*\(""")
_BEGINS = re.compile(r"<!doctype\b|<html\b|<body\b", re.IGNORECASE)
_ENDS = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_HOME = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2,4})?/?)?(?:(?:index|home|default)(?:\.\w+)?/?)?", re.IGNORECASE)
# Elements whose end tag is required.
_CLOSED = ("div", "section", "main", "article", "table", "ul", "ol", "script", "style", "span", "form", "footer")


def shell(page: PageSummary) -> str | None:
    """The evidence that scripts would have to make the content; None if there is none."""
    if "<script" not in page.source or page.main_size > _HARDLY_ANY:
        return None
    if page.main_size <= _NONE:
        return "scripts, and no text in the main part"
    if notice := mentioning_line(Notice.SCRIPT, page.lines) or notice_line(Notice.LOADING, page.lines):
        return f"scripts, and “{notice}”"
    if root := _empty_root(page):
        return f"scripts, and nothing in {root}"
    if page.main_size <= _NEARLY_NONE and _asks_for_scripts(page):
        return "scripts, and a noscript that asks for them"
    return None


def redirect(page: PageSummary) -> str | None:
    """The evidence that the page only redirects to another; None if there is none."""
    if page.main_size > _SENTENCE:
        return None
    if notice := notice_line(Notice.REDIRECT, page.headlines):
        return f"the page says “{notice}”"
    targets = page.root.xpath("//meta[translate(@http-equiv, 'REFSH', 'refsh') = 'refresh']/@content")
    if any("url" in target.casefold() for target in targets):
        return "a meta refresh to another address and hardly any text"
    if page.size <= _NEARLY_NONE and _LEAVES.search(page.source):
        return "a script that leaves for another address and hardly any text"
    return None


def fewer_bytes(length: str | None, size: int) -> str | None:
    """The evidence that fewer bytes came than Content-Length announced; None if there is none."""
    if length is not None and length.isdecimal() and len(length) < 16 and size < int(length):
        return f"{size} of {length} bytes came"
    return None


def unclosed_elements(source: str) -> tuple[str, ...] | None:
    """The elements left open by a document that does not end; None if it ends, or has no beginning.

    A document without `</html>` alone proves nothing, as many good pages omit it; nor does one with nothing left open.
    A document that stops within a tag has `<` among the elements.
    """
    if not _BEGINS.search(source[:2000]) or _ENDS.search(source[-20_000:]):
        return None
    lower = source.lower()
    left = tuple(tag for tag in _CLOSED if lower.count(f"<{tag}") > lower.count(f"</{tag}"))
    return ("<", *left) if lower.rfind("<") > lower.rfind(">") else left


def redirected_to_other_path(asked: str, answered: str) -> bool:
    """Whether another path answered than the one requested."""
    try:
        return urlsplit(asked).path.rstrip("/") != urlsplit(answered).path.rstrip("/")
    except ValueError:
        return False


def redirected_home(asked: str, answered: str) -> str | None:
    """The evidence of a redirect to the home page; None if there is none."""
    try:
        before, after = urlsplit(asked), urlsplit(answered)
    except ValueError:
        return None
    if _HOME.fullmatch(after.path) and not _HOME.fullmatch(before.path) and not after.query:
        return f"redirected to the home page {answered}"
    return None


def _empty_root(page: PageSummary) -> str | None:
    for element in page.root.iter("div", "main", "section", *_ROOT_TAGS):
        name = element.get("id") or element.tag
        if (name in _ROOT_IDS or element.tag in _ROOT_TAGS) and not "".join(element.itertext()).strip():
            return f"#{name}" if element.get("id") else f"<{name}>"
    return None


def _asks_for_scripts(page: PageSummary) -> bool:
    found = (" ".join(noscript.text_content().split()) for noscript in page.root.iter("noscript"))
    return any("javascript" in text.casefold() or "js" in text.casefold().split() for text in found)
