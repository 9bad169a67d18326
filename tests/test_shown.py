"""What a page shows is the same however its markup was rebuilt, and another thing wherever a reader sees one."""

from __future__ import annotations

import gc
import weakref

import pytest

from fetcher.page import page, word_spans

PAGE = (
    '<html><head><title>One</title><link href=/a.css></head><body class="b1"><script src=/1.js>1</script>'
    '<nav><a href=/home>Home</a></nav><main data-build=1><p class=x>Some <b>text</b> with <a href="/a?b=1">a link</a>.'
    "<p hidden>More of it.<img src=/cat.png><iframe src=https://video.example/1></iframe></main></body></html>"
)


def digest(html: str) -> bytes:
    return word_spans.digest(page.parse(html, "https://example.org/"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class=x", "class=y id=z"),
        ("data-build=1", "data-build=2"),
        ("/a.css", "/b.css"),
        ("src=/1.js>1", "src=/2.js nonce=3>4"),
        ("<p class", "\n  <p class"),
        ("<title>One", "<title>(2) One"),
        ("?b=1", "?utm_source=here&b=1"),
        ("<b>text</b>", "<i><b>te</b>xt</i>"),
        ("<nav>", "<!-- built today --><nav>"),
    ],
)
def test_what_nobody_sees_makes_no_difference(old: str, new: str) -> None:
    assert old in PAGE
    assert digest(PAGE.replace(old, new)) == digest(PAGE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Some", "No"),
        ("Home", "Start"),
        ("a link</a>.", "a link</a>!"),
        ("/home", "/start"),
        ("?b=1", "?b=2"),
        ("/cat.png", "/dog.png"),
        ("video.example/1", "video.example/2"),
        ("<p hidden>", "<p>"),
        ("class=x", "class=hidden"),
        ("Some <b>text</b>", "<b>text</b> Some"),
        ("Some <b>text</b>", "Some <b hidden>text</b>"),
        ("<p hidden>", "<p><b hidden></b>"),
        ('with <a href="/a?b=1">a link</a>', '<a href="/a?b=1">with a</a> link'),
        ("More of it.", "<i style='display: none'>More</i> of it."),
        ("Some <b>text</b>", "Some <b><del>text</del></b>"),
        ("Some <b>text</b>", "Some <input type=checkbox checked><b>text</b>"),
    ],
)
def test_what_a_reader_sees_makes_one(old: str, new: str) -> None:
    assert old in PAGE
    assert digest(PAGE.replace(old, new)) != digest(PAGE)


def test_marks_count_where_they_stand() -> None:
    """The same words, links and hidden parts are another page where another part is hidden, or leads elsewhere."""
    hidden = [digest(f"<p{one}>A</p><p{other}>B</p>") for one, other in ((" hidden", ""), ("", " hidden"))]
    linked = [digest(f"<p><a{one}>A</a><a{other}>B</a></p>") for one, other in ((" href=/x", ""), ("", " href=/x"))]
    assert len({*hidden, *linked}) == 4


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        ("/a/0123456789abcdef/b", "/a/fedcba9876543210/b", True),
        ("/a/0f8fad5b-d9cb-469f-a165-70867728950e", "/a/7c9e6679-7425-40de-944b-e07fc1f90ae7", True),
        ("/a/2024-11-03/b", "/a/2024-11-04/b", False),
        ("/a/chapter-12", "/a/chapter-13", False),
    ],
)
def test_a_link_is_another_unless_a_machine_drew_its_number(old: str, new: str, is_same: bool) -> None:
    """A number in a link counts where it is short enough to be a person's."""
    assert (digest(f"<a href={old}>A</a>") == digest(f"<a href={new}>A</a>")) is is_same


def test_no_page_outlives_its_digest() -> None:
    """What is remembered of links and classes does not hold the tree that they stood in."""
    parsed = page.parse(PAGE.replace("class=x", "class=hidden").replace("?b=1", "?b=%41"), "https://example.org/")
    word_spans.digest(parsed)
    elements = [weakref.ref(parsed.root.find(path)) for path in (".//a[@href='/a?b=%41']", ".//p[@class='hidden']")]
    del parsed
    gc.collect()
    assert [element() for element in elements] == [None, None]
