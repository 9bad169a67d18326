"""Edits inside of a block: only the changed words are exchanged."""

import pytest

from fetcher.markdown.reading.blocks import parse
from fetcher.markdown.reading.wording import Edit, edits, wording
from fetcher.merge.splice import Source, locate, splice
from fetcher.page.words import pieces


def source(markdown: str, skip: tuple[tuple[int, int], ...] = ()) -> Source:
    found = locate(markdown, parse(markdown).words, skip)
    assert found
    return found


@pytest.mark.parametrize(
    "markdown",
    [
        "plain words",
        "*emphasis* and **strong `code`**",
        r"escaped \$4\.00 \*sign\*",
        "entity &amp; &lt;ID&gt; &eacute;t&#233;",
        "[text](/target?one=two) ![alt](/image.png)",
        "<http://example.org/a>",
        "a <span class='x'>tag</span>",
        "“quotes” ﬁne naïve 漢字 soft\u00adhyphen",
    ],
)
def test_every_word_is_located(markdown: str) -> None:
    """The span of each word in the source reads as that word."""
    found = source(markdown)
    for word, (start, end) in zip(parse(markdown).words, found.spans, strict=True):
        assert "".join(parse(markdown[start:end].lstrip("\\")).words or pieces(markdown[start:end])) in (
            word,
            "fine",
            "fi",
        )


def test_words_that_are_not_there_are_not_located() -> None:
    """A source that shows other words than those given is left alone."""
    assert locate("one two three", ["one", "three"]) is None
    assert locate("one", ["one", "two"]) is None


def spliced(stored: str, fresh: str) -> str | None:
    one, other = wording(parse(stored).blocks), wording(parse(fresh).blocks)

    def holds(text: str, k: int) -> bool:
        return k > 0 or parse(text).words == other.words

    return splice(source(stored), source(fresh), edits(one, other), holds)


@pytest.mark.parametrize(
    ("stored", "fresh", "expected"),
    [
        (r"costs \$4 a *day*", "costs $5 a _day_", r"costs \$5 a *day*"),
        ("one two three", "one three", "one three"),
        ("one three", "one **two** three", "one **two** three"),
        ("see *one* and _two_", "see *other* and *two*", "see *other* and _two_"),
        ("a [link](/x) here", "a [new link](/x) here", "a [new link](/x) here"),
        ("it&rsquo;s old", "it's new", "it&rsquo;s new"),
        ("first  \nsecond old", "first\\\nsecond new", "first  \nsecond new"),
        ("old 漢字", "old 漢語", "old 漢語"),
    ],
)
def test_only_the_changed_words_are_exchanged(stored: str, fresh: str, expected: str) -> None:
    """All other signs of the stored source stay as they are."""
    assert spliced(stored, fresh) == expected


def test_what_cannot_be_cut_without_harm_is_not() -> None:
    """Where no way to cut reads right, there is no splice."""
    never = splice(source("one two"), source("one six"), [Edit(1, 2, 1, 2)], lambda _text, _k: False)
    assert never is None


def test_the_steps_are_bounded() -> None:
    """A long block with many edits is tried once as a whole, not once for each edit."""
    words = [f"w{k}" for k in range(3000)]
    text = " ".join(words)
    tried: list[int] = []
    changes = [Edit(k * 2, k * 2 + 1, k * 2, k * 2 + 1) for k in range(0, 3000, 10)]

    def never(_text: str, k: int) -> bool:
        tried.append(k)
        return False

    assert splice(source(text), source(text), changes, never) is None
    assert len(tried) == 1
