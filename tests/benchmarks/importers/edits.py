"""Edits of documents, each at each place: of words, sentences, items, rows, cells, code, links, blocks and pictures.

`documents.txt` has the documents, each under its name.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

from lxml import etree, html

from tests.benchmarks.importers.pages import URL, Pair

_LEAVES = frozenset("p li td th h1 h2 h3 dt dd figcaption".split())
_BOXES = frozenset("ul ol p pre table blockquote".split())
_SENTENCE = "The walnut by the gate was a present."
_BLOCKS = {
    "paragraph": f"<p>{_SENTENCE}</p>",
    "short paragraph": "<p>Walnuts too.</p>",
    "list": "<ul><li>Walnuts from the gate</li><li>Hazels from the hedge</li></ul>",
    "steps": "<ol><li>Shake the walnut tree</li><li>Gather what falls</li></ol>",
    "section": f"<h2>Walnuts</h2><p>{_SENTENCE}</p>",
    "code": "<pre><code>walnut --shake\nwalnut --gather\n</code></pre>",
    "quote": f"<blockquote><p>{_SENTENCE}</p></blockquote>",
    "table": "<table><tr><th>Nut</th><th>Month</th></tr><tr><td>Walnut</td><td>October</td></tr></table>",
    "picture": '<p><img src="/img/walnut.jpg" alt="A walnut tree"></p>',
    "figure": '<figure><img src="/img/walnut.jpg" alt="A walnut tree"><figcaption>The walnut</figcaption></figure>',
}
Edit = Callable[[html.HtmlElement], bool]


def documents() -> dict[str, str]:
    """The documents by name, each as what stands in an article."""
    text = (Path(__file__).parent / "documents.txt").read_text(encoding="utf-8")
    return dict(part.split("\n", 1) for part in text.removeprefix("== ").split("\n== "))


def pairs(step: int = 1, first: int = 0) -> list[Pair]:
    """Each document as it was and after each edit, as articles; of the edits of all only each so many-eth."""
    found = [
        Pair(f"{name}, {edit}", URL, text, after) for name, text in documents().items() for edit, after in edited(text)
    ]
    return found[first::step]


def alone(article: str) -> str:
    """An article as a page of its own, as whoever cuts it out hands it to an importer."""
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{article}</body></html>'


def edited(text: str) -> Iterator[tuple[str, str]]:
    """What was edited, and the document after it: no edit first."""
    yield "stays", text
    root = html.fragment_fromstring(text, create_parent="article")
    for at, element in enumerate(root.iter()):
        for name, edit in _edits(element, root):
            copy = deepcopy(root)
            target = next(each for k, each in enumerate(copy.iter()) if k == at)
            if edit(target):
                yield f"{name} {element.tag} {at}", "".join(_written(copy))


def _written(root: html.HtmlElement) -> Iterator[str]:
    yield root.text or ""
    yield from (html.tostring(child, encoding="unicode") for child in root)


def _edits(element: html.HtmlElement, root: html.HtmlElement) -> Iterator[tuple[str, Edit]]:
    """The edits that an element allows."""
    if element.tag in _LEAVES and not any(child.tag in _BOXES for child in element):
        yield from _LINES.items()
    elif element.tag == "li":
        yield "word in", _with_word
    if element.tag in ("p", "li", "dd"):
        yield from _SENTENCES.items()
    yield from _BY_TAG.get(element.tag, {}).items()
    if element.getparent() is root:
        yield from ((f"{name} after", _after(source)) for name, source in _BLOCKS.items())
        yield "moved", _moved
    if element.getparent() is root or element.tag in ("li", "tr", "img"):
        yield "gone", _gone


def _words(element: html.HtmlElement) -> list[tuple[html.HtmlElement, str]]:
    """The texts of an element and of what is inside its line, each with the attribute that holds it."""
    found = [(element, "text")]
    for child in element:
        if child.tag in _BOXES:
            break
        found += [(child, "text"), (child, "tail")]
    return [(holder, name) for holder, name in found if len((getattr(holder, name) or "").split()) > 0]


def _with_word(element: html.HtmlElement) -> bool:
    """Another word in the middle of its longest text."""
    texts = _words(element)
    if not texts:
        return False
    holder, name = max(texts, key=lambda text: len(getattr(*text)))
    return _exchanged(holder, name, len(getattr(holder, name).split()) // 2, "walnut")


def _with_marked_word(element: html.HtmlElement) -> bool:
    """Another first word in the first part of its line that has markup."""
    marked = [child for child in element if child.tag not in _BOXES and child.text]
    return bool(marked) and _exchanged(marked[0], "text", 0, "walnut")


def _exchanged(holder: html.HtmlElement, name: str, at: int, word: str) -> bool:
    text = getattr(holder, name)
    old = text.split()[at]
    signs = old[len(old.rstrip(".,?!:”")) :]
    before, _, after = text.partition(old)
    setattr(holder, name, before + word + signs + after)
    return True


def _with_more(element: html.HtmlElement) -> bool:
    """Two words more at its end."""
    return _ended(element, " and walnuts")


def _with_less(element: html.HtmlElement) -> bool:
    """Without its last word."""
    texts = _words(element)
    if not texts or len(getattr(*texts[-1]).split()) < 2:
        return False
    holder, name = texts[-1]
    setattr(holder, name, getattr(holder, name).rstrip().rpartition(" ")[0])
    return True


def _emptied(element: html.HtmlElement) -> bool:
    """Without any text; with some where it had none."""
    had = bool("".join(element.itertext()).strip())
    for child in list(element):
        element.remove(child)
    element.text = "" if had else "walnut"
    return element.tag in ("td", "th")


def _ended(element: html.HtmlElement, more: str) -> bool:
    inner = [child for child in element if child.tag not in _BOXES]
    if inner:
        inner[-1].tail = (inner[-1].tail or "").rstrip() + more
    else:
        element.text = (element.text or "").rstrip() + more
    return True


def _with_last(element: html.HtmlElement) -> bool:
    return _ended(element, f" {_SENTENCE}")


def _with_first(element: html.HtmlElement) -> bool:
    element.text = f"{_SENTENCE} {(element.text or '').lstrip()}"
    return True


def _without_last(element: html.HtmlElement) -> bool:
    """Without the sentence that its last text ends with."""
    texts = _words(element)
    if not texts:
        return False
    holder, name = texts[-1]
    before, dot, _ = getattr(holder, name).rstrip(".").rpartition(". ")
    setattr(holder, name, before + ".")
    return bool(dot)


def _split(element: html.HtmlElement) -> bool:
    """Its last sentence as a paragraph of its own."""
    texts = _words(element)
    if not texts or element.getparent().tag in ("li", "blockquote", "td"):
        return False
    holder, name = texts[-1]
    before, dot, after = getattr(holder, name).rstrip(".").rpartition(". ")
    if not dot:
        return False
    setattr(holder, name, before + ".")
    new = etree.Element("p")
    new.text = after + "."
    element.addnext(new)
    new.tail, element.tail = element.tail, "\n"
    return True


def _joined(element: html.HtmlElement) -> bool:
    """With the paragraph after it as its end."""
    after = element.getnext()
    if after is None or after.tag != "p" or after.find("img") is not None or element.find("img") is not None:
        return False
    _ended(element, f" {after.text or ''}")
    element.extend(list(after))
    after.getparent().remove(after)
    return True


def _after(source: str) -> Edit:
    def put(element: html.HtmlElement) -> bool:
        for new in reversed(html.fragments_fromstring(source)):
            element.addnext(new)
        return True

    return put


def _gone(element: html.HtmlElement) -> bool:
    parent = element.getparent()
    if element.tag in ("li", "tr") and sum(child.tag == element.tag for child in parent) < 2:
        return False
    tail, before = element.tail or "", element.getprevious()
    parent.remove(element)
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    return str(element.tag) != "h1"


def _moved(element: html.HtmlElement) -> bool:
    """Behind its next sibling."""
    after = element.getnext()
    if after is None or element.tag == "h1":
        return False
    tail = element.tail
    element.getparent().remove(element)
    after.addnext(element)
    element.tail = tail
    return True


def _item(text: str) -> Edit:
    def put(element: html.HtmlElement) -> bool:
        new = html.fragment_fromstring(
            f"<li><p>{text}</p></li>" if element.find("p") is not None else f"<li>{text}</li>"
        )
        element.addnext(new)
        return True

    return put


def _first_item(element: html.HtmlElement) -> bool:
    element.insert(0, html.fragment_fromstring("<li>Gather walnuts first</li>"))
    return element.find("li/p") is None


def _sublist(element: html.HtmlElement) -> bool:
    if element.find("ul") is not None or element.find("ol") is not None:
        return False
    element.append(html.fragment_fromstring("<ul><li>walnuts from the gate</li><li>hazels from the hedge</li></ul>"))
    return True


def _row(element: html.HtmlElement) -> bool:
    size = len(element)
    cells = "".join(f"<td>{word}</td>" for word in ("walnut", "nuts in autumn", "7")[:size])
    new = html.fragment_fromstring(f"<table><tr>{cells}</tr></table>").find(".//tr")
    element.addnext(new)
    return element.find("th") is None


def _column(element: html.HtmlElement) -> bool:
    for row in element.iter("tr"):
        cell = etree.SubElement(row, row[0].tag)
        cell.text = "Walnuts" if cell.tag == "th" else "three"
    return True


def _code(edit: Callable[[list[str]], list[str]]) -> Edit:
    def put(element: html.HtmlElement) -> bool:
        holder = element.find("code") if element.find("code") is not None else element
        holder.text = "\n".join(edit(holder.text.split("\n")))
        return True

    return put


def _attribute(name: str, value: str) -> Edit:
    def put(element: html.HtmlElement) -> bool:
        element.set(name, value)
        return True

    return put


def _relinked(element: html.HtmlElement) -> bool:
    element.text = "the walnut page"
    return True


def _unlinked(element: html.HtmlElement) -> bool:
    element.drop_tag()
    return True


def _linked(element: html.HtmlElement) -> bool:
    """The last long word of its first text as a link."""
    words = (element.text or "").split(" ")
    if len(words) < 5:
        return False
    link = etree.Element("a", href="/walnut")
    link.text, link.tail = words[2], " " + " ".join(words[3:])
    element.text = " ".join(words[:2]) + " "
    element.insert(0, link)
    return True


_LINES: dict[str, Edit] = {
    "word in": _with_word,
    "marked word in": _with_marked_word,
    "more in": _with_more,
    "less in": _with_less,
    "cell emptied or filled:": _emptied,
}
_SENTENCES: dict[str, Edit] = {
    "sentence last in": _with_last,
    "sentence first in": _with_first,
    "sentence gone in": _without_last,
}
_BY_TAG: dict[str, dict[str, Edit]] = {
    "p": {"split": _split, "joined": _joined, "linked in": _linked},
    "li": {"item after": _item("Gather <em>all</em> walnuts"), "sublist in": _sublist, "linked in": _linked},
    "ul": {"item first in": _first_item},
    "ol": {"item first in": _first_item},
    "tr": {"row after": _row},
    "table": {"column in": _column},
    "pre": {
        "line changed in": _code(lambda lines: ["walnut = 1", *lines[1:]]),
        "line in": _code(lambda lines: [lines[0], "    walnut()", *lines[1:]]),
        "line last in": _code(
            lambda lines: [*lines[:-1], *([lines[-1], "walnut()"] if lines[-1] else ["walnut()", ""])]
        ),
        "line gone in": _code(lambda lines: [lines[0], *lines[2:]]),
    },
    "a": {"target of": _attribute("href", "/walnut"), "text of": _relinked, "unlinked": _unlinked},
    "img": {"alt of": _attribute("alt", "A walnut tree"), "file of": _attribute("src", "/img/walnut.jpg")},
    "h2": {"heading word in": lambda element: _exchanged(element, "text", 0, "Walnut")},
}
