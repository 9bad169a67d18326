"""Markdown rendered by cmark gives its memory back."""

from pathlib import Path

import pytest

from fetcher.markdown.reading.commonmark import SOURCE_POSITIONS, to_html

MEMORY = Path("/proc/self/statm")


def test_github_extensions_are_read() -> None:
    assert "<table>" in to_html("| a |\n|---|\n| b |\n")
    assert "<del>" in to_html("~~gone~~")


def test_lines_are_told_on_demand() -> None:
    assert 'data-sourcepos="3:1-3:1"' in to_html("a\n\nb\n", SOURCE_POSITIONS)


def test_raw_html_stands() -> None:
    assert "<div>x</div>" in to_html("<div>x</div>\n")


@pytest.mark.skipif(not MEMORY.exists(), reason="the size of a process is read from /proc")
def test_rendering_a_thousand_pages_takes_no_more_memory_than_rendering_a_few() -> None:
    page = "A paragraph of *some* words with a [link](/a) in it.\n\n" * 200

    def rendered(times: int) -> int:
        for _ in range(times):
            to_html(page)
        return int(MEMORY.read_text().split()[1]) * 4096

    before = rendered(50)
    assert rendered(1000) - before < 20_000_000
