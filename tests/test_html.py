"""The report as a web page: complete, harmless whatever pages say, and bounded."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import tracemalloc
from collections import Counter
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markupsafe import Markup

from fetcher.markdown.reading.commonmark import to_html
from fetcher.markdown.reading.sections import headings
from fetcher.report.changes import Edit, Line
from fetcher.report.compare import compare
from fetcher.report.digest import Digest, Table
from fetcher.report.groups import Group, HeldBack, Troubles
from fetcher.report.html import document, rendered, view
from fetcher.report.html.elements import Item, marked
from fetcher.report.html.rendered import segments
from fetcher.report.html.view import Fold
from fetcher.report.markdown import SizeBudget
from fetcher.report.outline import split_front_matter
from fetcher.report.patch import Change, changes
from fetcher.report.report import Report
from fetcher.report.screen import for_browsers
from fetcher.terms.outcomes import Outcome, Record
from tests import reports
from tests.reports import END, HOSTILE, START, seed
from tests.site import page as site_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.conftest import Run, Seeds
    from tests.site import Site

FILES = Path(document.__file__).with_name("files")
SCRIPTS = [(FILES / name).read_text("utf-8") for name in ("switches.js", "report.js")]

# All that a page of the report is made of; an element or an attribute that is not here came from elsewhere.
ELEMENTS = set(
    "a article b blockquote body br button circle code dd del details dialog div dl dt em fieldset figcaption figure "
    "footer form h1 h2 h3 head header hr html input ins kbd label legend li link main meta nav ol option p path pre "
    "rect s script section select span strong style summary sup svg table tbody td th thead time title tr ul".split()
)
ATTRIBUTES = set(
    "aria-haspopup aria-hidden aria-keyshortcuts aria-label aria-labelledby autocomplete charset checked class "
    "colspan content cx cy d data-about data-folder data-line data-name data-outcome data-site datetime height hidden "
    "href http-equiv id lang method name open placeholder preserveaspectratio r rel role scope spellcheck tabindex "
    "type value viewbox width x y".split()
)
"""Of page text only `data-` attributes, `value` and `href` hold any."""


def parsed(text: str) -> Any:
    return html.document_fromstring(text)


def read(path: Path) -> Any:
    return parsed(path.read_text("utf-8"))


def words(element: Any) -> str:
    """Its text, with a space between elements but for the folder and the name of a path."""
    return " ".join(" ".join(element.itertext()).split()).replace("/ ", "/")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read(reports.everything(tmp_path_factory.mktemp("everything")))


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("hostile")
    reports.hostile(folder)
    return [(folder / name).read_text("utf-8") for name in ("latest/report.html", "history.html")]


def test_every_seed_but_the_unchanged_is_listed_once_with_its_outcome(everything: Any) -> None:
    listed = {words(entry.find(".//h3")): entry.get("data-outcome") for entry in everything.xpath("//article")}
    assert len(listed) == len(everything.xpath("//article")) == 16
    assert set(listed.values()) == set(Outcome) - {Outcome.UNCHANGED, Outcome.SKIPPED}
    assert listed["a/prices.md"] == "changed"


def test_the_filters_offer_what_there_is_with_counts(everything: Any) -> None:
    outcomes = {words(label) for label in everything.xpath("//fieldset[@class='choices']/label")}
    assert {"All 16", "changed 9", "filled 1", "moved 2", "failed 1"} <= outcomes
    assert [words(option) for option in everything.xpath("//select[@id='site']/option")][:2] == [
        "All sites",
        "blocked.example (1)",
    ]
    assert "d (5)" in [words(option) for option in everything.xpath("//select[@id='folder']/option")]


def test_seeds_at_the_top_of_the_folder_can_be_chosen(attacked: list[str]) -> None:
    page = parsed(attacked[0])
    assert ". (1)" in [words(option) for option in page.xpath("//select[@id='folder']/option[@value='.']")]
    assert [words(entry.find(".//h3")) for entry in page.xpath("//article[@data-folder='.']")] == ["c.md"]


@pytest.mark.parametrize("outcome", ["moved", "gone", "blocked", "broken", "failed"])
def test_a_trouble_is_told_with_its_reason_and_remedy(everything: Any, outcome: str) -> None:
    (entry,) = everything.xpath(f"//article[contains(@class, 'trouble')][@data-outcome='{outcome}']")
    assert words(entry) == f"d/{outcome}.md {outcome} It is {outcome}. Look at it. https://{outcome}.example/"


def test_what_needs_a_person_comes_first(everything: Any) -> None:
    titles = [words(title) for title in everything.xpath("//section//h2")]
    assert titles == ["For a person to look at", "The same change on many pages", "Changed pages", "Held back"]


def test_what_was_held_back_is_counted_by_kind(everything: Any) -> None:
    rows = [words(row) for row in everything.xpath("//section[@aria-labelledby='held']//tbody/tr")]
    assert rows[1] == "time Relative times, and dates in their place 3 days → 2 months a/prices.md 1 1 -a accept=time"
    assert rows[0].startswith("churn What changes by itself from visit to visit </style></script>")
    assert len(rows) == 2


def test_notes_alarms_and_the_history_are_there(everything: Any) -> None:
    assert [words(note) for note in everything.xpath("//ul[starts-with(@class, 'notes')]/li")] == [
        "An alarm.",
        "A note.",
    ]
    assert everything.xpath("//footer//a/@href")[0] == "../history.html"


def test_a_change_on_many_pages_is_told_once_and_leads_to_them(everything: Any) -> None:
    (group,) = everything.xpath("//ol[@class='groups']/li")
    assert "4 pages" in words(group)
    anchors = [link.lstrip("#") for link in group.xpath(".//a/@href")]
    pages = [everything.get_element_by_id(anchor) for anchor in anchors]
    assert [words(page.find(".//h3")) for page in pages] == [f"c/{number}.md" for number in range(4)]
    assert not any(page.find("details").get("open") is not None for page in pages)


def test_a_run_that_found_nothing_says_so(tmp_path: Path) -> None:
    page = read(reports.nothing(tmp_path))
    assert words(page.find(".//h1")) == "Nothing changed"
    assert "Every page reads as it did" in words(page)
    assert not page.xpath("//article | //*[@id='search'] | //a[contains(@href, 'history')]")


def test_a_run_that_was_stopped_does_not_say_that_all_is_well(tmp_path: Path) -> None:
    run = Report(tmp_path, "seeds", START)
    run.add(Record(path="a.md", outcome=Outcome.SKIPPED, url="https://example.org/"))
    run.finish(END, 1, alarms=["The run ended early."])
    page = read(tmp_path / "latest" / "report.html")
    assert words(page.find(".//h1")) == "Nothing changed, 1 skipped"
    assert "Every page reads" not in words(page)


def test_what_to_type_is_set_as_code_in_what_to_do(tmp_path: Path) -> None:
    run = Report(tmp_path, "seeds", START)
    run.add(
        Record(path="a.md", outcome=Outcome.BROKEN, url="https://example.org/", mend="Set `render: auto <b>` there.")
    )
    run.finish(END, 1)
    (said,) = read(tmp_path / "latest" / "report.html").xpath("//p[@class='mend']")
    assert (words(said), [words(code) for code in said]) == ("Set render: auto <b> there.", ["render: auto <b>"])


def test_a_run_without_seeds_leaves_no_page(tmp_path: Path) -> None:
    Report(tmp_path, "seeds", START).finish(END, 0, runs=reports.RUNS)
    assert not list(tmp_path.rglob("*.html"))


def test_a_run_leaves_its_page_and_the_history_of_runs(
    site: Site, seeds: Seeds, crawl: Callable[..., Run], tmp_path: Path
) -> None:
    url = site.says("/a", site_page("The first text of this page."))
    seeds.add("a.md", url, "# A page\n\nThe old text of this page.\n")
    for headline, number in (("1 page changed", 1), ("Nothing changed", 2)):
        crawl()
        page, history = read(tmp_path / "reports/latest/report.html"), read(tmp_path / "reports/history.html")
        assert words(page.find(".//h1")) == headline
        assert page.xpath("//a[.='Earlier runs']/@href") == ["../history.html"]
        assert len(history.xpath("//tbody/tr")) == len(history.xpath("//*[@class='chart'][2]//rect")) == number


def entry(page: Any, path: str) -> Any:
    return page.xpath(f"//article[normalize-space(.//h3)='{path}']")[0]


def sides(page: Any, path: str) -> list[tuple[str, str]]:
    """Before and after of each part of the rendered view, without their labels."""

    def side(pair: Any, name: str) -> str:
        parts = pair.xpath(f"./div[contains(@class, '{name}')]/*[not(@class='label')]")
        return " ".join(map(words, parts))

    pairs = entry(page, path).xpath(".//*[@class='inside rendered']/div")
    return [(side(pair, "before"), side(pair, "after")) for pair in pairs]


def test_the_rendered_view_has_what_differs_side_by_side_with_marked_words(everything: Any) -> None:
    assert ("Plan Price Small $10", "Plan Price Small $12") in sides(everything, "a/prices.md")
    prices = entry(everything, "a/prices.md").xpath(".//*[@class='inside rendered']")[0]
    assert [words(mark) for mark in prices.xpath(".//td/del | .//td/ins")] == ["$10", "$12"]
    assert [words(mark) for mark in prices.xpath(".//pre//del | .//pre//ins")] == ["10", "12", "raw", "another"]
    assert [words(mark) for mark in prices.xpath(".//a/del | .//a/ins")][:2] == ["our terms", "our terms"]


@pytest.mark.parametrize("stamp", ["fetched_at: 2026-03-01", "fetched_at = 2026-03-01", '"fetched_at" : 2026-03-01'])
def test_a_stamp_is_no_change_of_the_front_matter_to_look_at(stamp: str) -> None:
    lines = [Line("-", 'title = "A"'), Line("-", stamp.replace("03", "02")), Line("+", 'title = "B"'), Line("+", stamp)]
    (row,) = view.front(lines)
    assert "title" in str(row.old)


def test_the_source_view_has_the_lines_side_by_side_and_the_others_folded(everything: Any) -> None:
    source = entry(everything, "a/prices.md").xpath(".//*[@class='inside source']")[0]
    rows = [[words(cell) for cell in row] for row in source.xpath(".//table/tbody/tr[not(@class)]")]
    assert ["| Small | $10 |", "| Small | $12 |"] in rows
    assert ["", "| Huge | ask |"] in rows
    (front,) = source.xpath("preceding-sibling::div[p='Front matter']//tbody/tr")
    assert [words(cell) for cell in front] == ['title: "A page"', 'title: "Prices"']
    assert not [row for row in rows if "fetched_at" in "".join(row)]
    (fold,) = source.xpath("./details")
    assert words(fold.find("summary")) == "7 unchanged lines Prices"
    assert [words(line) for line in fold.findall("p")] == ["Second.", "", "Third.", "", "Fourth.", "", "Fifth."]


def test_line_numbers_are_those_of_the_files(everything: Any) -> None:
    before, after = reports.seed(reports._OLD).split("\n"), reports.seed(reports._NEW, "Prices").split("\n")
    source = entry(everything, "a/prices.md").xpath(".//*[@class='inside source']")[0]
    for kind, lines in (("old", before), ("new", after)):
        cells = source.xpath(f".//td[@class='{kind}'][@data-line!='']")
        assert len(cells) > 5
        assert [cell.text_content() for cell in cells] == [lines[int(cell.get("data-line")) - 1] for cell in cells]
    for cell in source.xpath(".//tr[@class='same']/td | .//details/p"):
        assert cell.text_content() == after[int(cell.get("data-line")) - 1]


def contents(page: Any, name: str) -> list[str]:
    return [element.text or "" for element in page.iter(name)]


def test_the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else(attacked: list[str]) -> None:
    for page in map(parsed, attacked):
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        style, *scripts = (source(text) for kind in ("style", "script") for text in contents(page, kind))
        assert set(scripts) <= set(policy.split("script-src ")[1].partition(";")[0].split())
        assert policy.split("; ") == [
            "default-src 'none'",
            f"style-src {style}",
            f"script-src {' '.join(source(script) for script in SCRIPTS)}",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]


def source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def assert_harmless(text: str) -> None:
    """Raises AssertionError where a page has markup that is not ours, or a sign that does what is not seen."""
    page = parsed(text)
    elements = [element for element in page.iter() if isinstance(element.tag, str)]
    assert len(elements) == sum(1 for _ in page.iter()), "a comment"
    assert {element.tag for element in elements} <= ELEMENTS
    assert {name for element in elements for name in element.attrib} <= ATTRIBUTES
    assert contents(page, "style") == [(FILES / "style.css").read_text("utf-8")]
    assert contents(page, "script") in (SCRIPTS, SCRIPTS[:1])
    for link in page.xpath("//a"):
        assert re.match(
            r"https?://|#(seed|shared|main)|(\.\./history|latest/report)\.html$|(report|changes)\.\w+$",
            link.get("href"),
        )
        assert link.get("href")[0] != "h" or link.get("rel") == "noopener noreferrer nofollow"
    assert for_browsers(text) == text


def test_nothing_that_comes_from_elsewhere_is_markup(attacked: list[str]) -> None:
    for text in attacked:
        assert_harmless(text)
        assert "<script>alert(1)</script>" in parsed(text).text_content()
        assert "{{ 7*7 }} {% raw %}" in text


texts = st.one_of(
    st.text(), st.text(st.sampled_from("<>&\"'`/!-= \n\\[](){}%#*_|~:\u202e\0\x1b\ud800ascript")), st.just(HOSTILE)
)


def told(text: Callable[[], str], changes: int = 1) -> str:
    """The report of a run with changed and failed pages of which all is text from elsewhere."""
    held = HeldBack()
    seeds: list[tuple[dict[str, Any], bool]] = []
    views: dict[str, tuple[Sequence[Edit], str, int]] = {}
    for number in range(2 * changes):
        path, old, new = f"{number}{text()}", seed(text()), seed(text(), text().replace("\n", ""))
        said = dict.fromkeys(("url", "title", "detail", "mend", "summary"), text())
        noise = [{"reason": "time", "removed": text(), "added": text()}]
        row = {"path": path, **said, "words_added": 1, "words_removed": 1, "held_back": noise, "outcome": "failed"}
        held.add(path, noise)
        change = compare(path, old, new)
        views[path] = change.edits, *view.view(change, old, new, said["url"])
        seeds.append((row, False) if number % 2 else (row | {"outcome": "changed"}, True))
    counts = Counter({Outcome.CHANGED: changes, Outcome.FAILED: changes})
    edits = [Edit("added", "row", text(), "", text(), "k", 0)]
    groups = [Group(edits, pages=3, paths=[text(), text()])]
    none = Table([], 0, 0)
    digest = Digest(text(), START, END, counts, 1, 1, [text()], [text()], groups, none, none, 0, Troubles(), held)
    return "".join(document.report(digest, lambda: iter(seeds), views.__getitem__, has_history=True))


@given(st.data())
def test_no_text_becomes_markup_whatever_it_is(data: st.DataObject) -> None:
    assert_harmless(told(lambda: data.draw(texts)))


def test_more_changes_than_fit_are_listed_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(1)
    monkeypatch.setattr(document, "ROOM", 3_000)
    page = parsed(told(lambda: f"Words {dice.random()}.", changes=20))
    shown = [
        bool(entry.xpath(".//*[@class='inside source']")) for entry in page.xpath("//article[contains(@class, 'page')]")
    ]
    assert len(shown) == 20
    assert 0 < sum(shown) < 20
    assert shown == sorted(shown, reverse=True)
    assert len(page.xpath("//article//a[@href='changes.patch']")) == 20 - sum(shown)


def test_what_there_is_room_for_is_shown_in_whatever_order_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(folder: Path, numbers: Iterable[int]) -> str:
        run = Report(folder, "seeds", START)
        for number in numbers:
            run.add(
                Record(path=f"{number:02}.md", outcome=Outcome.CHANGED), seed("Some words.\n"), seed(f"{number}.\n")
            )
        run.finish(END, 20)
        return (folder / "latest" / "report.html").read_text("utf-8")

    monkeypatch.setattr(document, "ROOM", 1_500)
    whole = shown(tmp_path / "whole", range(20))
    assert 0 < whole.count("This report has become too large") < 20
    monkeypatch.setattr("fetcher.report.report.SizeBudget", partial(SizeBudget, 1_500))
    assert shown(tmp_path / "first", range(20)) == shown(tmp_path / "last", reversed(range(20))) == whole


@given(st.permutations(range(30)), st.lists(st.integers(0, 50), min_size=30, max_size=30))
def test_what_can_be_shown_is_taken_and_no_more_of_what_comes_in_order(order: list[int], sizes: list[int]) -> None:
    def taken(numbers: Iterable[int]) -> set[int]:
        room = SizeBudget(300, 20)
        return {number for number in numbers if room.takes(f"{number:02}", sizes[number])}

    fitting = {number for number, end in enumerate(accumulate(sizes)) if end < 300 and number < 20}
    assert fitting <= taken(order)
    assert len(taken(range(30)) - fitting) <= 1


def test_more_pages_than_fit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MOST_ENTRIES", 3)
    page = parsed(told(lambda: "Words.", changes=7))
    assert len(page.xpath("//article")) == 6
    assert words(page).count("4 more are in report.json") == 2


def test_the_memory_that_it_takes_does_not_grow_with_the_number_of_seeds() -> None:
    row = {"url": "https://example.org/", "outcome": "failed", "detail": "", "mend": "", "held_back": []}
    none = Table([], 0, 0)
    digest = Digest("seeds", START, END, Counter(), 0, 0, [], [], [], none, none, 0, Troubles(), HeldBack())

    def peak(count: int) -> int:
        tracemalloc.start()
        page = document.report(
            digest, lambda: ((row | {"path": f"{n}.md"}, False) for n in range(count)), lambda _: ((), "", 0)
        )
        assert sum(map(len, page)) > 300 * count
        taken = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return taken

    assert peak(1)  # and the templates are compiled
    assert peak(4_000) < peak(400) + 500_000


@pytest.mark.parametrize(
    ("body", "html_of_it"),
    [
        ("[x](javascript:alert(1))", "<p><span>x</span></p>"),
        ("[x](/y)", '<p><a href="https://example.org/y" rel="noopener noreferrer nofollow">x</a></p>'),
        ("[](/y)", '<p><a href="https://example.org/y" rel="noopener noreferrer nofollow">link</a></p>'),
        ("![a *b*](/c.png) ![](d)", '<p><span class="image">a b</span> <span class="image">image</span></p>'),
        ("# One", '<p class="h1">One</p>'),
        ("<b>one</b> two", "<p>one two</p>"),
        ("<div onclick=x>\n<p>one", '<pre class="raw">&lt;div onclick=x&gt;\n&lt;p&gt;one</pre>'),
        ("[a]: /b\n", '<pre class="raw">[a]: /b</pre>'),
        ("3. one\n4. two", '<ol>\n<li value="3">one</li><li value="4">two</li></ol>'),
        ("- [x] one", "<ul><li>☑ one</li></ul>"),
        ("~~one~~ `a<b`", "<p><s>one</s> <code>a&lt;b</code></p>"),
        ("a\u202eb\0", "<p>a�b�</p>"),
    ],
)
def test_markdown_is_shown_as_harmless_html(body: str, html_of_it: str) -> None:
    (segment,) = segments([], body.split("\n"), "https://example.org/x") or []
    assert str(segment.new).replace("\n", "") == html_of_it.replace("\n", "")


NASTY = """# Head
##
#no
```
````
``` py
  ```
~~~
- ~~~
- item
  more
> quoted
> ```
> # in
    code
| a | b |
|---|---|
Title
===
---
***

<div>
</div>
<!-- x
-->
1. one
[a]: /b
a [a] c
*em
b*
`c
d`""".split("\n")


@given(st.lists(st.sampled_from(NASTY), max_size=14))
def test_what_stands_between_headings_is_rendered_as_within_the_whole_body(lines: list[str]) -> None:
    def html_of(some: list[str]) -> str:
        return to_html("\n".join(some), raw_html=False)

    alone = (
        html_of(lines[start : end + 1]).removesuffix(html_of(lines[end : end + 1]))
        for start, end in pairwise([0, *headings(lines), len(lines)])
    )
    assert "".join(alone) == html_of(lines)


def test_of_a_long_body_only_the_sections_are_rendered_that_change() -> None:
    old = [line for number in range(100) for line in (f"## {number}", f"Some text of {number}.", "")]
    new = [line.replace("of 50.", "of half.").replace("of 70.", "of more.") for line in old]
    found = rendered.sections(old, new, changes(old, new))
    assert [(part.old[0], part.old[-1], part.changes) for part in found] == [
        ("## 50", "## 51", [Change(1, 2, 1, 2)]),
        ("## 70", "## 71", [Change(1, 2, 1, 2)]),
    ]


def test_of_long_code_only_the_changed_lines_are_shown_with_those_near() -> None:
    lines = [f"line {number}" for number in range(100)]
    old = ["```", *lines, "```"]
    (segment,) = segments(old, [line.replace("line 50", "other") for line in old], "") or []
    assert segment.new.striptags() == f"⋯ {' '.join(lines[45:50])} other {' '.join(lines[51:57])} ⋯"


def test_a_link_of_a_page_without_an_address_leads_nowhere() -> None:
    (segment,) = segments([], ["[x](/y)"], "http://[") or []
    assert segment.new == "<p><span>x</span></p>"


@pytest.mark.parametrize("sign", [">", "- ", "**a ", "> 1. "])
def test_markdown_that_nests_too_deep_to_be_rendered_is_shown_as_source(sign: str) -> None:
    old, new = seed(""), seed(sign * 3_000 + "one\n")
    page = view.shown(compare("a.md", old, new), old, new, "")
    assert "one" in "".join(segment.new for segment in page.segments) or "too deep" in page.why_none


BLOCKS = (
    "# Head {}",
    "Some {} text.",
    "- item {}\n- last",
    "| a |\n|---|\n| {} |",
    "```\n{}\n```",
    "> said {}",
    "<div>{}</div>",
)
bodies = st.lists(st.tuples(st.sampled_from(BLOCKS), st.integers(0, 30)), max_size=8).map(
    lambda blocks: "\n\n".join(block.format(f"word{number}") for block, number in blocks)
)


def test_where_only_blank_lines_changed_the_source_shows_it() -> None:
    old, new = seed("One.\n\nTwo.\n"), seed("One.\n\n\nTwo.\n")
    page = view.shown(compare("a.md", old, new), old, new, "")
    assert (page.segments, "blank lines" in page.why_none) == ([], True)
    assert [row.new for part in page.parts for row in part.rows if not row.same] == [""]


@given(bodies, bodies, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_all_lines_are_accounted_for_whatever_ends_them(old: str, new: str, end: str, is_last: bool) -> None:
    before, after = (seed("").replace("\n", end) + text.replace("\n", "\r\n") + "\n" * is_last for text in (old, new))
    change = compare("a.md", before, after)
    page = view.shown(change, before, after, "")
    if change.hunks:
        rows = [row for part in page.parts for row in part.rows]
        omitted = sum(part.omitted for part in page.parts if isinstance(part, Fold))
        for number in ("old_number", "new_number"):
            numbers = [found for row in rows if (found := getattr(row, number)) is not None]
            assert numbers == sorted(set(numbers))
        assert len([row for row in rows if row.new_number]) + omitted == len(split_front_matter(after)[1])


def test_a_body_that_is_too_long_to_be_rendered_is_shown_as_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "LONGEST", 100)
    old, new = seed("word " * 30), seed("word " * 29 + "other\n")
    page = view.shown(compare("a.md", old, new), old, new, "")
    assert (page.segments, "too long" in page.why_none, len(page.parts)) == ([], True, 1)


@given(bodies, bodies)
def test_each_word_that_came_or_went_is_in_both_views(old: str, new: str) -> None:
    before, after = seed(old), seed(new)
    page = view.shown(compare("a.md", before, after), before, after, "")
    shown = " ".join(segment.new for segment in page.segments), " ".join(segment.old for segment in page.segments)
    for side, (one, other) in zip(shown, ((old, new), (new, old)), strict=True):
        assert set(re.findall(r"word\d+", other)) - set(re.findall(r"word\d+", one)) <= set(
            re.findall(r"word\d+", side)
        )
    source = " ".join(
        str(row.old) + str(row.new) for part in page.parts if isinstance(part, view.Block) for row in part.rows
    )
    assert set(re.findall(r"word\d+", old)) ^ set(re.findall(r"word\d+", new)) <= set(re.findall(r"word\d+", source))


@given(st.text(), st.text())
def test_marks_leave_the_texts_as_they_are(old: str, new: str) -> None:
    for text, shown in zip((old, new), marked([Item(old)], [Item(new)]), strict=True):
        assert str(shown).replace("<del>", "").replace("</del>", "").replace("<ins>", "").replace("</ins>", "") == str(
            Markup.escape(for_browsers(text))
        )


def test_one_changed_word_is_one_mark() -> None:
    old, new = marked([Item("A late book costs $4 a week.")], [Item("A late book costs $5 a week.")])
    assert (old, new) == ("A late book costs <del>$4</del> a week.", "A late book costs <ins>$5</ins> a week.")


def test_texts_that_have_little_in_common_are_marked_as_a_whole() -> None:
    old, new = marked([Item("one two three four the five")], [Item("six seven the eight nine ten")])
    assert (old.count("<del>"), new.count("<ins>")) == (1, 1)


LIST = ["Tea for all", "Chess on Friday with Ann", "Walking with dogs", "Books"]


def _listed(items: Sequence[str], between: str) -> list[str]:
    return f"# Events\n\n{between.join(f'- {item}' for item in items)}\n".split("\n")


def _pairs(old: Sequence[str], new: Sequence[str], between: str) -> list[tuple[list[str], list[str]]]:
    """The marked texts of each pair."""
    found = segments(_listed(old, between), _listed(new, between), "") or []
    return [
        (re.findall("<del>(.*?)</del>", segment.old), re.findall("<ins>(.*?)</ins>", segment.new)) for segment in found
    ]


@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize(
    ("new", "gone", "come"),
    [
        (["Chess on Sunday with Ann", "Walking with dogs"], ["Friday"], ["Sunday"]),
        (["Tools", "Chess on Sunday with Ann", "Walking with dogs"], ["Friday"], ["Tools", "Sunday"]),
        (["Chess on Sunday with Ann", "Tools", "Walking with dogs"], ["Friday"], ["Sunday", "Tools"]),
        (["Painting", "Walking with dogs"], ["Chess on Friday with Ann"], ["Painting"]),
        (["Tools", "Chess on Sunday with Ann", "Walking with cats"], ["Friday", "dogs"], ["Tools", "Sunday", "cats"]),
    ],
)
def test_an_item_that_is_replaced_is_one_pair(between: str, new: list[str], gone: list[str], come: list[str]) -> None:
    assert _pairs(LIST, [LIST[0], *new, LIST[3]], between) == [(gone, come)]


def test_two_items_that_changed_side_by_side_are_a_pair_each() -> None:
    new = ["Tea for most", "Chess on Sunday with Ann", *LIST[2:]]
    assert _pairs(LIST, new, "\n\n") == [(["all"], ["most"]), (["Friday"], ["Sunday"])]


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_an_item_that_moves_takes_no_other_with_it(between: str) -> None:
    new = [LIST[0], LIST[2], "Chess on Sunday with Ann", LIST[3]]
    shown = segments(_listed(LIST, between), _listed(new, between), "") or []
    assert not any("Walking" in side for segment in shown for side in (segment.old, segment.new))
