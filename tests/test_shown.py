"""What a page shows is the same however its markup was rebuilt, and another thing wherever a reader sees one."""

from __future__ import annotations

import pytest

from fetcher.page import page, shown

PAGE = (
    '<html><head><title>One</title><link href=/a.css></head><body class="b1"><script src=/1.js>1</script>'
    '<nav><a href=/home>Home</a></nav><main data-build=1><p class=x>Some <b>text</b> with <a href="/a?b=1">a link</a>.'
    "<p hidden>More of it.<img src=/cat.png><iframe src=https://video.example/1></iframe></main></body></html>"
)


def digest(html: str) -> bytes:
    return shown.digest(page.parse(html, "https://example.org/"))


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
    ],
)
def test_what_a_reader_sees_makes_one(old: str, new: str) -> None:
    assert old in PAGE
    assert digest(PAGE.replace(old, new)) != digest(PAGE)
