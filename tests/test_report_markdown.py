"""`report.md`: a pleasure to review, below what a pull request takes, and nobody's but ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from fetcher.report import digest, groups, markdown, wording
from fetcher.report.changes import CLASSES, Edit
from fetcher.report.compare import compare
from fetcher.report.markdown import Section, fit
from fetcher.report.report import Report
from fetcher.terms.outcomes import HeldBack, Noise, Outcome, Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from markdown_it.token import Token

START = datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)
END = datetime(2026, 3, 1, 4, 6, tzinfo=UTC)
MANY = 40

PROSE = (
    "# Pricing\n\nClaude 2 is here.\n\nWho asks Claude 2 gets an answer.\n\n"
    "- one\n- two\n\n| a | 1 |\n|---|---|\n| b | 2 |\n"
)

ONE_HEADING = "under ‘Pricing’: +3 list items; −1 list item: ‘two’; +1 paragraph: ‘More.’"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ""),
        ("Claude 2", "Claude 3", "‘Claude 2’ → ‘Claude 3’ in 2 places"),
        ("- two\n", "- two\n- three\n", "+1 list item under ‘Pricing’: ‘three’"),
        ("- two\n", "- two\n- three\n- four\n", "+2 list items under ‘Pricing’"),
        ("- one\n", "", "−1 list item under ‘Pricing’: ‘one’"),
        ("| b | 2 |\n", "", "−1 row under ‘Pricing’: ‘b 2’"),
        ("Claude 2 is here.", "It is not.", "‘Claude 2 is here’ → ‘It is not’"),
        ("- one\n", "- one\n\n## New\n\nAll is new.\n\n", "+section ‘New’ (1 paragraph)"),
        ("# Pricing\n\n", "# Pricing\n\n## Old\n\n", "+1 heading: ‘Old’"),
        ("Claude 2 is here.\n\n", "", "−1 paragraph under ‘Pricing’: ‘Claude 2 is here.’"),
        ("- one\n- two\n", "- two\n- one\n", "1 list item under ‘Pricing’ moved: ‘two’"),
        ("# Pricing\n", "## Pricing\n", "markup of 1 heading"),
        ("# Pricing", "# Prices", "‘Pricing’ → ‘Prices’"),
        ("- one\n- two\n", "- one\n- three\n- four\n- five\n\nMore.\n", ONE_HEADING),
        ("\n\n- one", "\n\n\n- one", wording.LAYOUT),
    ],
)
def test_a_change_is_put_as_a_reviewer_would_put_it(old: str, new: str, expected: str) -> None:
    assert wording.summary(compare("a.md", PROSE, PROSE.replace(old, new))) == expected


def test_a_page_that_is_filled_is_told_by_what_it_holds() -> None:
    change = compare("a.md", "", PROSE)
    assert wording.summary(change, filled=True) == "1 heading, 2 paragraphs, 2 list items and 2 rows"


def test_a_change_of_the_front_matter_alone_is_told_by_its_keys() -> None:
    front = "---\ntitle: {0}\nfetched_at: {0}\nsource_url: https://example.org/\n---\ntext\n"
    assert wording.summary(compare("a.md", front.format(1), front.format(2))) == "front matter: fetched_at, title"


def test_words_of_the_page_that_sound_like_ours_stay_as_they_are() -> None:
    edits = [Edit(what, "row", "", "", f"one under {what} ", "", 0) for what in ("added", "changed", "moved")]
    assert wording.in_words(edits).count("one under") == 3


def test_what_is_too_much_to_tell_is_counted() -> None:
    old = "\n\n".join(f"## Part {n}\n\nThis part has number {n} of many." for n in range(MANY))
    new = "\n\n".join(f"## Part {n}\n\nThis part has number {n + 1} of many.\n\nMore of it." for n in range(MANY))
    assert wording.summary(compare("a.md", old, new)) == (
        f"+{MANY} paragraphs under {MANY} headings; ‘number 0’ → ‘number 1’; ‘number 1’ → ‘number 2’; "
        f"‘number 2’ → ‘number 3’; {MANY - 3} paragraphs reworded under {MANY - 3} headings"
    )


# --- Changes that many pages share ------------------------------------------------------------------------------------


def reported(folder: Path, seeds: Iterable[tuple[Record, str, str]], *notes: str, alarms: tuple[str, ...] = ()) -> str:
    run = Report(folder, "seeds", START)
    count = 0
    for record, old, new in seeds:
        run.add(record, old, new)
        count += 1
    run.finish(END, count, notes, alarms)
    return (folder / "latest" / "report.md").read_text(encoding="utf-8")


def changed(path: str, words: int = 2) -> Record:
    return Record(path=path, outcome=Outcome.CHANGED, words_added=words, words_removed=1)


def test_the_same_change_on_many_pages_is_one_entry(tmp_path: Path) -> None:
    old, new = "© 2025 We\n", "© 2026 We\n\nNow with a garden.\n"
    pages = [(changed(f"{'ab'[n % 2]}/{n:02}.md"), f"Text {n}.\n\n{old}", f"Text {n}.\n\n{new}") for n in range(MANY)]
    pages.append((changed("own.md", 50), f"Own text.\n\n{old}", f"Its text.\n\n{new}"))
    text = reported(tmp_path, pages)
    assert f"- on **{MANY + 1} pages**: +1 paragraph: `Now with a garden.`; `© 2025` → `© 2026`\n" in text
    assert f"{MANY} pages changed only in what many pages share." in text
    table = text[text.index("## Changed") :]
    assert "| `own.md` | wording | `Own` → `Its`; and what many pages share | +50 −1 |" in table
    assert "a/00.md" not in table
    (group,) = json.loads((tmp_path / "latest" / "report.json").read_text())["groups"]
    assert (group["pages"], group["places"], len(group["keys"])) == (MANY + 1, MANY + 1, 2)
    assert group["folders"] == {"a": MANY // 2, "b": MANY // 2, "": 1}
    assert group["paths"][:2] == ["a/00.md", "a/02.md"]
    assert len(group["paths"]) == groups.MOST_GROUP_PATHS


def test_pages_that_share_their_change_with_one_other_are_told_by_themselves(tmp_path: Path) -> None:
    pages = [(changed(f"{n}.md"), f"Text {n}. Old.\n", f"Text {n}. New.\n") for n in range(groups.LEAST_PAGES - 1)]
    assert "many pages" not in reported(tmp_path, pages)


def edit(key: str) -> Edit:
    return Edit("added", "row", "", "", key, key, 0)


@given(st.lists(st.tuples(st.booleans(), st.sets(st.integers(0, 40))), max_size=60))
def test_a_common_change_is_found_however_few_others_fit_into_memory(pages: list[tuple[bool, set[int]]]) -> None:
    tally = groups.FrequentKeys(most=10)
    seen = common = 0
    for number, (has_it, keys) in enumerate(pages):
        tally.add(["common"] * has_it + [f"{number}-{key}" for key in keys])
        assert len(tally.counted) <= 10
        seen += has_it + len(keys)
        common += has_it
    if common >= groups.LEAST_PAGES and common > seen / 10:
        assert "common" in tally.common()


def test_what_matters_most_is_listed_first_however_few_words_it_has() -> None:
    pages = [digest.Page(f"{n}.md", 90 - n, 0, [edit(str(n))], classes=[name]) for n, name in enumerate(CLASSES[::-1])]
    assert [page.classes[0] for page in digest.changed_pages(pages).rows] == list(CLASSES)


def test_the_commonest_changes_are_told_and_their_number_is_bounded() -> None:
    pages = [(f"{n:03}.md", [edit(str(key)) for key in range(200) if key <= n]) for n in range(210)]
    found = groups.group_edits(frozenset(map(str, range(200))), pages)
    assert len(found) == groups.MOST_GROUPS
    assert [group.pages for group in found] == list(range(210, 210 - groups.MOST_GROUPS, -1))


# --- What needs a person ----------------------------------------------------------------------------------------------


def failed(path: str, detail: str = "It is away.") -> Record:
    return Record(path=path, outcome=Outcome.FAILED, reason="dns", detail=detail, mend="Look.")


def test_seeds_with_the_same_trouble_stand_together(tmp_path: Path) -> None:
    records = [failed("b.md"), failed("a.md"), *(failed(f"{n:03}.md") for n in range(groups.MOST_PATHS))]
    text = reported(tmp_path, ((record, "", "") for record in records))
    assert f"- **{len(records)} pages**: `It is away.` → `Look.`\n  - `000.md`\n" in text
    assert "  - and 2 more, which `report.json` lists\n" in text
    assert "`a.md`" not in text


def test_details_that_differ_stand_with_their_seeds(tmp_path: Path) -> None:
    text = reported(tmp_path, ((record, "", "") for record in (failed("a.md", "One."), failed("b.md", "Two."))))
    assert "- **2 pages** → `Look.`\n  - `a.md`: `One.`\n  - `b.md`: `Two.`\n" in text


def test_what_needs_a_person_comes_first(tmp_path: Path) -> None:
    held = Record(path="b.md", outcome=Outcome.UNCHANGED, held=(HeldBack(Noise.CONFLICT, "mine", "theirs"),))
    text = reported(tmp_path, [(failed("a.md"), "", ""), (held, "", "")], "A note.", alarms=("It stopped.",))
    start = text[: text.index("\n## ")]
    assert "**This needs a person:**" in start
    assert start[start.index("\n- ") :].splitlines()[1:] == [
        "- `It stopped.`",
        "- 1 seed ended failed: no page came.",
        "- 1 seed was edited by hand where the page changed too; the hand's text was kept.",
    ]
    assert json.loads((tmp_path / "latest" / "report.json").read_text())["attention"][0] == "It stopped."


def test_a_quiet_run_says_so(tmp_path: Path) -> None:
    text = reported(tmp_path, [(Record(path="a.md", outcome=Outcome.UNCHANGED), "", "")])
    assert "Of 1 seed, visited on 2026-03-01 in 54 s, 1 is as before. Nothing needs a person." in text
    assert "##" not in text


def test_what_was_held_back_is_counted_with_the_way_to_let_it_through(tmp_path: Path) -> None:
    held = (HeldBack("time", "2 days | ago", "5 days ago"), HeldBack("time", "", "now"), HeldBack("churn", "a", "b"))
    record = Record(path="a.md", outcome=Outcome.UNCHANGED, held=held)
    text = reported(tmp_path, [(record, "", ""), (Record(path="b.md", outcome=Outcome.UNCHANGED, held=held), "", "")])
    one = f"`-a accept=time`; this one: `scrapy accept a.md {held[0].id}`"
    assert (f"| 4 | 2 | relative times, and dates in their place | `2 days ¦ ago` → `5 days ago` | {one} |") in text
    assert "6 differences were held back as noise." in text


def test_every_kind_of_noise_is_explained() -> None:
    assert set(groups.MEANINGS) == set(Noise)


# --- Bounds -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.text(max_size=9), st.lists(st.text(max_size=30), max_size=9), st.integers(0, 9))))
def test_sections_fit_and_nothing_is_left_out_in_silence(given: list[tuple[str, list[str], int]]) -> None:
    room = 60 * max(1, len(given))
    sections = [
        Section(head, items, len(items) + unlisted, lambda left: f"<{left} more>") for head, items, unlisted in given
    ]
    assert len(fit(sections, room).encode()) <= room
    for section in sections:
        shown = section.within(room)
        assert shown == section.cut(len(section.items)) or " more>" in shown


@pytest.mark.parametrize("outcome", [Outcome.CHANGED, Outcome.FILLED, Outcome.FAILED])
def test_no_run_has_more_to_say_than_a_pull_request_takes(tmp_path: Path, outcome: Outcome) -> None:
    wide = "日" * 5_000
    seeds = (
        (
            Record(
                path=f"{n:04}{wide}.md",
                outcome=outcome,
                reason=f"{n}{wide}",
                detail=f"{n}{wide}",
                mend=f"{n}{wide}" if n % 2 else wide,
                held=tuple(HeldBack(kind, wide, wide) for kind in Noise),
            ),
            f"# {n} {wide[:500]}\n\n{n} a\n\nshared {n % 90} {wide[:500]}",
            f"# {n} {wide[:500]}\n\n{n} b\n\nshared {n % 90} a {wide[:500]}",
        )
        for n in range(60)
    )
    text = reported(tmp_path, seeds, *[wide] * 20, alarms=(wide,) * 40)
    assert len(text.encode()) <= markdown.LONGEST < 65_536
    assert text.endswith("`report.json` is for programs.\n")


# --- Hostile text -----------------------------------------------------------------------------------------------------

READER = MarkdownIt("commonmark", {"html": True}).enable("table")
FOREIGN = "Ж"  # in every piece of foreign text, and in none of ours
ATTACKS = r"""
@Ж #Ж1 GH-1Ж a/b#1Ж Жhttp://Ж.example/ www.Ж.example Ж@Ж.example <script>Ж <!--Ж --Ж> </details>Ж `Ж ``Ж |Ж \|Ж \Ж
Ж\ Ж` Ж| **Ж _Ж ~~Ж [Ж](http://Ж) ![Ж](Ж) [Ж]: Ж &lt;Ж &#124;Ж ```Ж ~~~Ж ---Ж ===Ж #Ж # Ж - Ж 1. Ж > Ж $Ж$ :Ж: [^Ж] {Ж}
""".split()
SEPARATORS = (" ", "\n", "\n\n", "\r", "\t", "", "\x00", "\x1b[2J", "\u202e", "\u2028", "\u200b", "\x85")


@st.composite
def hostile(draw: st.DrawFn) -> str:
    pieces = draw(st.lists(st.sampled_from(ATTACKS), min_size=1, max_size=6))
    return "".join(piece + draw(st.sampled_from(SEPARATORS)) for piece in pieces)


def outside_of_code(tokens: list[Token]) -> Iterable[tuple[str, str]]:
    for token in tokens:
        if token.type not in ("code_inline", "inline"):
            yield token.type, token.content
        yield from outside_of_code(token.children or [])


@given(st.lists(hostile(), min_size=12, max_size=12), st.sampled_from(list(Outcome)), st.integers(1, 4))
def test_text_from_elsewhere_is_nothing_but_text(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], outcome: Outcome, pages: int
) -> None:
    folder = tmp_path_factory.mktemp("report")
    path, detail, mend, reason, note, alarm, old, new, same, heading, gone, come = texts
    run = Report(folder, path, START)
    for n in range(pages):
        held = tuple(HeldBack(kind, gone, come) for kind in Noise)
        record = Record(path=f"{n}{path}", outcome=outcome, detail=f"{detail}{n}", mend=mend, reason=reason, held=held)
        before = f"# {heading}\n\n{old}\n\n{same} words that stay {old} and others\n\n- {gone}"
        after = f"# {heading}\n\n{new}\n\n{same} words that stay {new} and others\n\n- {come}\n\n## {come}\n\n{new}"
        run.add(record, before, after)
    run.finish(END, pages, [note], [alarm])
    text = (folder / "latest" / "report.md").read_text(encoding="utf-8")
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    found = list(outside_of_code(READER.parse(text)))
    assert not [said for said in found if FOREIGN in said[1]]
    assert {kind for kind, _ in found} <= OURS
    assert {line for kind, said in found if kind == "html_block" for line in said.split("\n")} <= HTML
    assert_tables_are_whole(text)
    shown: Any = html.fromstring(cmarkgfm.github_flavored_markdown_to_html(text))  # as GitHub's own renderer has it
    assert not [said for said in shown.xpath("//text()[not(ancestor::code)]") if FOREIGN in said]
    assert not shown.xpath("//a | //img | //script")


OURS = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "text", "softbreak", "html_block"),
    *("strong_open", "strong_close", "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close"),
    *("tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close"),
}
HTML = {"", "<details><summary>the pages</summary>", "</details>"}


def assert_tables_are_whole(text: str) -> None:
    """Every row has the cells of its head, whatever a reader of tables holds for the end of a cell."""
    for lines in (part.split("\n") for part in text.split("\n\n") if part.startswith("| ")):
        assert len({line.count("|") for line in lines if line}) == 1
