"""Compares what Markdown shows, character by character, so that two ways to write a text can be equal."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from lxml import etree, html

from fetcher.markdown.reading.rendering import render
from fetcher.page.code import verbatim
from fetcher.page.links import target
from fetcher.page.semantics import HEADINGS, INLINE
from fetcher.page.words import LESS_THAN, fold

# The mark that an element gives the text in it.
_MARKS = {
    **dict.fromkeys(("em", "i"), "em"),
    **dict.fromkeys(("strong", "b"), "strong"),
    **dict.fromkeys(("del", "s", "strike"), "del"),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), "code"),
}
_LINK = "a:"
LOOKS = ("em", "strong", "code")


class Sign(NamedTuple):
    """A character that is shown, whether white space stands before it, and the marks that it has, such as `em`.

    An image is one sign, and so is a line of a block of code.
    """

    text: str
    apart: bool
    marks: frozenset[str]


class _Signs(dict[str, Sign]):
    """The signs that characters with these marks are, where each touches the one before."""

    def __init__(self, marks: frozenset[str]) -> None:
        self._marks = marks

    def __missing__(self, text: str) -> Sign:
        sign = self[text] = Sign(text, apart=False, marks=self._marks)
        return sign


def shown(markdown: str, base: str = "", definitions: str = "") -> list[Sign]:
    """The characters that a reader sees of Markdown; `definitions` are those that its references need.

    All white space is alike, and so are characters that look the same, outside of code.

    >>> [sign.text for sign in shown("a *b*")], shown("*b*")[0].marks
    (['a', 'b'], frozenset({'em'}))
    """
    root = render(f"{markdown}\n\n{definitions}" if definitions else markdown)
    return list(_signs(root, base))


def _signs(root: html.HtmlElement, base: str) -> Iterator[Sign]:
    marks: list[frozenset[str]] = [frozenset()]
    apart = True
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        apart = apart or element.tag not in INLINE | {"img"}
        if event == "end":
            marks.pop()
            text = element.tail if element is not root else None
        elif element.tag == "section" and "footnotes" in (element.get("class") or ""):
            walker.skip_subtree()
            marks.append(marks[-1])
            continue
        elif element.tag == "pre":
            walker.skip_subtree()
            marks.append(marks[-1])
            lines = verbatim("".join(element.itertext())).replace(LESS_THAN, "<").rstrip().split("\n")
            yield from (Sign(line.rstrip(), True, frozenset(["pre"])) for line in lines)
            continue
        else:
            if element.tag == "img":
                yield Sign(f"![{target(element.get('src') or '', base)}", apart, frozenset())
                apart = False
            marks.append(marks[-1] | _marks(element, base))
            text = element.text
        if text := (text if "code" in marks[-1] else fold(text)) if text else "":
            yield from _signs_of(text, marks[-1], apart=apart)
            apart = text[-1].isspace()


def _signs_of(text: str, marks: frozenset[str], *, apart: bool) -> Iterator[Sign]:
    touching = _Signs(marks)
    apart = apart or text[0].isspace()
    for run in text.split():
        yield Sign(run[0], apart, marks)
        yield from map(touching.__getitem__, run[1:])
        apart = True


def _marks(element: html.HtmlElement, base: str) -> frozenset[str]:
    if element.tag == "a" and (href := element.get("href")):
        if href.startswith("#") and element.getparent().tag in HEADINGS:  # to the table of contents, or to itself
            return frozenset()
        return frozenset([f"{_LINK}{target(href, base).rstrip('/')}"])
    mark = _MARKS.get(element.tag)
    return frozenset([mark]) if mark else frozenset()


class Expectation(NamedTuple):
    """What a text has to show, and what may differ.

    Before the signs at `unsure` white space may stand or not. `unkept` are marks that the body never keeps. `dropped`
    returns the marks that the sign at an index may lack, as the importer has dropped them there.
    """

    signs: Sequence[Sign]
    unsure: Collection[int] = ()
    unkept: Collection[str] = ()
    dropped: Callable[[int], frozenset[str]] = lambda _: frozenset()

    def accepts(self, signs: Sequence[Sign]) -> bool:
        """Whether signs are the expected ones, with their marks."""
        if len(signs) != len(self.signs):
            return False
        if signs == self.signs:
            return True
        pairs = enumerate(zip(signs, self.signs, strict=True))
        return all(
            one.text == other.text
            and (one.apart == other.apart or at in self.unsure or at == 0)
            and (one.marks == other.marks or self._are_alike(one.marks, other.marks, at))
            for at, (one, other) in pairs
        )

    def _are_alike(self, shown: frozenset[str], marks: frozenset[str], at: int) -> bool:
        """Whether the sign at an index may be shown so where it is expected with `marks`."""
        return self._kept(shown) in (self._kept(marks), self._kept(marks - self.dropped(at)))

    def reads(self, signs: Sequence[Sign]) -> bool:
        """Whether signs have the expected text, whatever their marks and images."""
        texts = [[sign.text for sign in each if len(sign.text) == 1] for each in (signs, self.signs)]
        return texts[0] == texts[1]

    def _kept(self, marks: frozenset[str]) -> set[str]:
        return {mark for mark in marks if kind(mark) not in self.unkept}


def kind(mark: str) -> str:
    """The kind of a mark: `em`, or `a` for every link."""
    return "a" if mark.startswith(_LINK) else mark
