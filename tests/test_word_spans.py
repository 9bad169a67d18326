"""The flow of a tree: its words in order, and the elements as spans over them."""

import pytest
from hypothesis import given

from fetcher.page.page import document, parse
from fetcher.page.word_spans import APART, TOUCHING, UNSURE, WordSpans, word_spans
from fetcher.page.words import split_words
from tests.test_markdown import PAGES

URL = "https://example.org/fees"


def of(html: str) -> WordSpans:
    return word_spans(document(html))


@given(PAGES)
def test_spans_nest_and_runs_cover(page: str) -> None:
    """Each element's span lies in its parent's; the runs, one after the other, hold all words."""
    found = of(page)
    for k, parent in enumerate(found.parents):
        if parent >= 0:
            assert found.starts[parent] <= found.starts[k] <= found.ends[k] <= found.ends[parent]
    at = 0
    for run in found.runs:
        assert run.start == at < run.end
        at = run.end
        text = run.element.tail if run.is_tail else run.element.text
        assert found.words[run.start : run.end] == split_words(text or "")
    assert at == len(found.words) == len(found.touch)


def test_blocks_part_words_that_no_space_parts() -> None:
    """`<li>One</li><li>Two</li>` are two words that stand apart."""
    assert of("<li>one</li><li>two</li>").touch[1] == APART


def test_words_glued_across_inline_elements_are_unsure() -> None:
    """Only a style sheet can tell whether two links without a space between them touch."""
    assert of("<a>one</a><a>two</a>").touch[1] == UNSURE
    assert of("<a>one</a> <a>two</a>").touch[1] == APART
    assert of("<p>one</p>\n<p>two</p>").touch[1] == APART


def test_words_of_one_text_touch_for_sure() -> None:
    """Within a text node white space is known."""
    assert list(of("<p>2025previous one</p>").touch) == [APART, TOUCHING, APART]


def test_what_is_never_text_has_no_words() -> None:
    """Scripts, styles and templates are silent; what follows them is not."""
    found = of("<p>a<script>x</script>b</p><style>y</style><template><p>z</p></template><p>c</p>")
    assert found.words == ["a", "b", "c"]


@pytest.mark.parametrize(
    "html",
    [
        "<head><title>Fees</title><main>Four</main>&#28; dollars</head>",
        "<div><template shadowrootmode=open><slot></slot></template>Four&#28; dollars</div>",
        "<b>Four</b>&#28;<label>dollars</label>",
        "<div style='display: flex'><b>Four</b>&#28;<i>dollars</i></div>",
    ],
)
def test_a_reference_to_a_character_that_xml_does_not_allow_does_no_harm(html: str) -> None:
    """Text is moved and spaced on the way to a tree that can be read."""
    assert [word for word in word_spans(parse(html, URL).root).words if word.isalpha()] == ["Four", "dollars"]


def test_the_title_is_that_of_the_head() -> None:
    assert parse("<head><noscript><title>No scripts</title></noscript><title>Fees</title>", URL).title == "Fees"
    assert parse("<p>Text<svg><title>A book</title></svg>", URL).title is None


def test_a_base_behind_the_end_of_the_page_counts() -> None:
    assert parse("<html><p>One</p></html>&#133; two<base href=/docs/>", URL).base == "https://example.org/docs/"
