"""The cut: a tree with the wanted text and what stands between it."""

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from fetcher.page.page import document
from fetcher.page.word_spans import SILENT, word_spans
from fetcher.region.cut import cut
from tests.test_markdown import PAGES


def cut_down(page: str, wanted: set[str], embeds: bool = False) -> str:
    """The page without the runs of text that hold none of the wanted words."""
    root = document(page)
    found = word_spans(root)
    keep = [bool(wanted & {*found.words[run.start : run.end]}) for run in found.runs]
    tree = cut(root, found, keep, {*root.iter(*SILENT)} if embeds else frozenset())
    return "".join(html.tostring(child, encoding="unicode") for child in tree.iter("body"))


@given(PAGES, st.data())
def test_the_cut_tree_has_the_wanted_words(page: str, data: st.DataObject) -> None:
    """The words of the wanted runs, in order, and no others; the page itself is left as it is."""
    root = document(page)
    before = html.tostring(root)
    found = word_spans(root)
    keep = [data.draw(st.booleans()) for _ in found.runs]
    wanted = [
        word for run, kept in zip(found.runs, keep, strict=True) if kept for word in found.words[run.start : run.end]
    ]
    assert word_spans(cut(root, found, keep, frozenset())).words == wanted
    assert html.tostring(root) == before


def test_unwanted_elements_are_gone() -> None:
    """An element that holds no wanted word leaves with its markup."""
    assert cut_down("<div><p>one</p><p>two</p></div>", {"one"}) == "<body><div><p>one</p></div></body>"


def test_words_beside_an_unwanted_one_stay_apart() -> None:
    """A text that is left out leaves a space, so that what was around it is not glued."""
    assert (
        cut_down("<p><b>one</b>two<b>three</b></p>", {"one", "three"}) == "<body><p><b>one</b> <b>three</b></p></body>"
    )


def test_what_has_no_words_stays_between_wanted_words() -> None:
    """A rule or an image between wanted words is kept; one outside of them is not."""
    page = "<hr><p>one</p><hr><p>two</p><img src=x>"
    assert cut_down(page, {"one", "two"}) == "<body><p>one</p><hr><p>two</p></body>"


def test_silent_elements_stay_if_they_are_embedded() -> None:
    """A frame is kept where the stored body shows it."""
    page = "<p>one</p><iframe src=x></iframe><p>two</p>"
    assert "iframe" not in cut_down(page, {"one", "two"})
    assert '<iframe src="x"></iframe>' in cut_down(page, {"one", "two"}, embeds=True)


def test_choices_become_text() -> None:
    """A form's list of choices that an importer kept is text."""
    assert cut_down("<select><option>one</option></select>", {"one"}) == "<body><div><span>one</span></div></body>"
