"""The change of a seed as data: the lines that differ, the words in them, and what a reader would call it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.report.changes import LONGEST_LINE, MOST_LINES, MOST_SIGNS, Change
from fetcher.report.compare import MOST_EDITS, compare
from fetcher.report.outline import Block, outline, split_front_matter

FRONT = "---\nfetched_at: {}\nsource_url: https://example.org/\n---\n\n"
LINES = st.lists(
    st.sampled_from(
        r"""

# One
## Two
a b c
a b d
a [b](/c) d
a [b](/d) d
- a
- b
| a | b |
|---|---|
```
> a b
---
===
\$4 for a
\$5 for a
one two three four five six
""".split("\n")
    )
)


def of(old: str, new: str) -> Change:
    return compare("a.md", FRONT.format(1) + old, FRONT.format(2) + new)


def edits(old: str, new: str) -> list[tuple[str, ...]]:
    return [(edit.what, edit.kind, edit.under, edit.old, edit.new) for edit in of(old, new).edits]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a", "a", []),
        ("# P\n\na", "# P\n\na\n\nb c", [("added", "paragraph", "P", "", "b c")]),
        ("# P\n\na\n\nb c", "# P\n\na", [("removed", "paragraph", "P", "b c", "")]),
        ("- one\n- two", "- one\n- six\n- two", [("added", "list item", "", "", "six")]),
        ("Use Claude 2 now", "Use Claude 3 now", [("replaced", "paragraph", "", "Claude 2", "Claude 3")]),
        ("It costs \\$4.", "It costs \\$5.", [("replaced", "paragraph", "", "costs $4", "costs $5")]),
        ("He said “no” to ‘it’", "He said “yes” to ‘it’", [("replaced", "paragraph", "", "said “no", "said “yes")]),
        ("Ann’s café – open", "Ann’s “café” — open", [("replaced", "paragraph", "", "café", "“café”")]),
        ("It is allowed", "It is not allowed", [("replaced", "paragraph", "", "is allowed", "is not allowed")]),
        ("a [b](/c) d", "a [b](/d) d", [("linked", "paragraph", "", "/c", "/d")]),
        ("a b\n\nc d\n\ne f\n\ng", "e f\n\na b\n\nc d\n\ng", [("moved", "paragraph", "", "e f", "e f")]),
        ("a b\n\nplain words", "a b\n\n## plain words", [("markup", "heading", "", "paragraph", "heading")]),
        ("```\na = 1\nb = 2\n```", "```\na = 1\nb = 3\n```", [("replaced", "code block", "", "b = 2", "b = 3")]),
        ("![](/a.png)", "![](/b.png)", [("linked", "paragraph", "", "/a.png", "/b.png")]),
        ("On May 1, 2025 it", "On June 3, 2026 it", [("replaced", "paragraph", "", "May 1, 2025", "June 3, 2026")]),
        ("A title\n---\n\na", "A title\n---\n\na\n\nb", [("added", "paragraph", "A title", "", "b")]),
    ],
)
def test_a_change_is_told_in_a_readers_terms(old: str, new: str, expected: list[tuple[str, ...]]) -> None:
    assert edits(old, new) == expected


def test_a_stamp_alone_is_no_change_of_the_body() -> None:
    change = of("same\n", "same\n")
    assert [line[:2] for line in change.front] == [("-", "fetched_at: 1"), ("+", "fetched_at: 2")]
    assert not change.hunks
    assert not change.edits


def lines(text: str) -> list[str]:
    found = text.split("\n")
    return found if found[-1] else found[:-1]


def applied(old: list[str], change: Change) -> list[str]:
    """The lines of the new body, made of the old ones and the hunks."""
    new: list[str] = []
    at = 0
    for hunk in change.hunks:
        new += old[at : hunk.old - 1]
        assert hunk.new - 1 == len(new)
        at = hunk.old - 1
        for number, _, line in hunk.numbered():
            assert number is None or old[number - 1] == line.text
            at += number is not None
            new += [line.text] * (line.sign != "-")
    return new + old[at:]


@given(LINES, LINES)
def test_the_hunks_make_the_new_text_of_the_old_one(old: list[str], new: list[str]) -> None:
    before, after = (FRONT.format(1) + "\n".join(lines) for lines in (old, new))
    change = compare("a.md", before, after)
    assert applied(lines(before), change) == lines(after)
    assert all(0 <= a < b <= len(line.text) for hunk in change.hunks for line in hunk.lines for a, b in line.marks)


PLACES = st.integers(0, 20)


@given(LINES, st.lists(st.tuples(PLACES, PLACES), max_size=3).map(sorted))
def test_blocks_are_found_around_some_lines_as_in_the_whole_body(
    lines: list[str], spans: list[tuple[int, int]]
) -> None:
    def around(units: list[Block]) -> list[list[Block]]:
        return [[unit for unit in units if unit.end > start and unit.start < end] for start, end in spans]

    assert around(outline(lines, spans)) == around(outline(lines, [(0, len(lines))]))


@given(st.text(), st.text())
def test_no_text_is_beyond_comparison(old: str, new: str) -> None:
    assert (compare("a.md", old, new) == Change("a.md")) == (split_front_matter(old) == split_front_matter(new))


def test_a_large_body_that_changed_as_a_whole_is_bounded_and_what_is_left_out_is_counted() -> None:
    words = "".join(f"w{n:05}" for n in range(20))
    old, new = ("".join(f"{sign}{n} {words} {sign}{n}.\n\n" for n in range(15_000)) for sign in "ab")
    assert len(old) > 2_000_000
    change = compare("a.md", old, new)
    shown = [line for hunk in change.hunks for line in hunk.lines]
    assert len(shown) <= MOST_LINES
    assert sum(len(line.text) for line in shown) <= MOST_SIGNS
    assert sum(line.sign != " " for line in shown) + change.left_out == 2 * (30_000 - 1)  # the last empty line stays
    assert len(change.edits) <= MOST_EDITS + 10
    assert sum(edit.times for edit in change.edits) >= 15_000
    assert len(repr(change)) < 1_000_000


def test_a_long_line_is_cut_with_its_marks() -> None:
    text = " ".join(f"word{n}" for n in range(LONGEST_LINE // 8))
    (hunk,) = compare("a.md", f"old {text} old", f"new {text} new").hunks
    assert {len(line.text) for line in hunk.lines} == {LONGEST_LINE + 1}
    assert {line.marks for line in hunk.lines} == {((0, 3),)}


@pytest.mark.parametrize("text", ["- | ", "|-", "](", "<a ", "a.", "> ", "&", "\\", " "])
def test_no_line_takes_long_to_read(text: str) -> None:
    """Each of these takes hours with a pattern that tries all ways to read it."""
    assert compare("a.md", f"{50_000 * text}x\n", f"{50_000 * text}y\n").hunks
