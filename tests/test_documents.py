"""PDFs and files of word processors: what is read of them, and what becomes of seeds that store them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetcher.documents import reading
from fetcher.documents.markup import resolve_hyphens
from fetcher.documents.reading import OPEN, PDF, WORD
from fetcher.terms.reading_failures import DocumentError
from tests.browser import CHROMIUM, chromium
from tests.papers import HIGH, At, Rule, archive, column, opendocument, paragraph, pdf, picture, word
from tests.site import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Run, Seeds
    from tests.papers import Drawn
    from tests.site import Site

    Crawl = Callable[..., Run]

HEADING = At(72, 740, "Fees of the ferry", 18, bold=True)
FIRST = [
    "The ferry crosses the sound each hour from six in the morning",
    "until ten at night, and costs four crowns for one who walks on",
    "board without a car.",
    "",
    "Children under six years travel free of charge, as dogs do that",
    "are kept on a leash during all of the crossing.",
]
SECOND = [
    "Bicycles are tied to the rail on the lower deck, where one of",
    "the crew helps with those that are heavy.",
    "",
    "Whoever loses a ticket pays the fare of the longest crossing.",
]


def furnished(number: int, lines: list[str], *more: Drawn) -> list[Drawn]:
    """A page with a running head and a foot that has its number."""
    return [At(72, 800, "Sound Ferries Company", 9), *more, *column(lines), At(290, 40, f"Page {number} of 2", 9)]


def ferry(first: list[str] = FIRST, second: list[str] = SECOND) -> bytes:
    return pdf([furnished(1, first, HEADING), furnished(2, second)])


def html(body: bytes) -> str:
    found = reading.read(body, reading.document_kind(body)).html
    return resolve_hyphens(found[found.index("<main>") + 7 : found.index("</main>") - 1], frozenset())


def body(text: str) -> str:
    return text.split("---\n", 2)[2]


# --- What a PDF says ---


def test_lines_are_paragraphs_and_what_is_on_each_page_is_none_of_its_text() -> None:
    said = html(ferry()).split("\n")
    assert said[0] == "<h1>Fees of the ferry</h1>"
    assert said[1] == f"<p>{' '.join(FIRST[:3])}</p>"
    assert len(said) == 5
    assert "Company" not in " ".join(said)
    assert "Page" not in " ".join(said)


def test_a_paragraph_goes_on_in_the_next_column_and_on_the_next_page() -> None:
    lines = [
        "one two three four five six seven",
        "eight nine ten eleven twelve and",
        "thirteen fourteen fifteen and then",
    ]
    last = ["sixteen."]
    parts = [*column(lines, 72, 100), *column(lines, 320, 700)]
    said = html(pdf([parts, column([*lines, *last], 72, 700)]))
    assert said == f"<p>{' '.join([*lines * 3, *last])}</p>"


def test_words_that_lines_part_are_whole_again_and_compounds_keep_their_hyphens() -> None:
    lines = [
        "The long-term contract is a docu-",
        "ment of the harbour, and all long-",
        "term docks are a part of the docu-",
        "ment.",
    ]
    assert html(pdf([column(lines)])).count("long-term") == 2
    assert html(pdf([column(lines)])).count("document") == 2


def test_where_lines_part_a_stored_word_it_is_as_stored() -> None:
    assert (
        resolve_hyphens("self-\u00adservice, co\u00adoperate", frozenset({"co-operate"})) == "self-service, co-operate"
    )
    assert resolve_hyphens("self-\u00adservice", frozenset({"selfservice"})) == "selfservice"


def test_cells_between_rules_are_a_table_and_so_are_lines_in_columns() -> None:
    xs, ys = (72, 172, 272), (690, 670, 650)
    cells = [["Who", "Fare"], ["A cyclist", "6.50"]]
    rules: list[Drawn] = [*(Rule(72, y, 272, y) for y in ys), *(Rule(x, 650, x, 690) for x in xs)]
    texts: list[Drawn] = [At(xs[c] + 4, ys[r] - 14, cells[r][c]) for r in range(2) for c in range(2)]
    table = "<table><tr><th>Who</th><th>Fare</th></tr><tr><td>A cyclist</td><td>6.50</td></tr></table>"
    assert html(pdf([[*rules, *texts]])) == table
    assert html(pdf([texts])) == table


def test_a_table_goes_on_on_the_next_page_without_its_repeated_head() -> None:
    def rows(*names: str) -> list[Drawn]:
        cells = [["Stop", "Minutes"], *([name, "12"] for name in names)]
        return [
            At(x, 700 - 14 * at, text) for at, row in enumerate(cells) for x, text in zip((72, 200), row, strict=True)
        ]

    assert html(pdf([rows("North", "Mole"), rows("Light", "South")])).count("<tr>") == 5


def test_items_are_lists_whether_their_marks_are_text_or_come_last() -> None:
    lines = ["Lower deck with the bicycles", "Upper deck with the benches"]
    marked = [At(72, 700, "\u2022"), At(90, 700, lines[0]), At(72, 688, "\u2022"), At(90, 688, lines[1])]
    as_list = f"<ul><li>{lines[0]}</li><li>{lines[1]}</li></ul>"
    assert html(pdf([marked])) == as_list
    assert html(pdf([[marked[1], marked[3], marked[0], marked[2]]])) == as_list
    assert html(pdf([column(["3. Go aboard at once", "4. Sit down at the rail"])])).startswith("<ol start=3><li>Go")


@pytest.mark.parametrize("turned", ["0 1 -1 0 595 0", "-1 0 0 -1 595 842", "0 -1 1 0 0 842"])
def test_a_page_that_is_turned_is_read_as_one_that_is_not(turned: str) -> None:
    plain = [furnished(at, lines) for at, lines in ((1, FIRST), (2, SECOND))]
    assert html(pdf(plain, turned=turned)) == html(pdf(plain))


def test_footnotes_do_not_part_the_paragraph_that_goes_on_on_the_next_page() -> None:
    note = At(72, 60, "1 In winter the ferry takes the short way.", 7)
    said = html(pdf([[*column(FIRST[:2]), note], column([FIRST[2]])]))
    assert said.split("\n") == [f"<p>{' '.join(FIRST[:3])}</p>", f"<p>{note.text}</p>"]


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_what_a_browser_prints_has_the_structure_of_its_page() -> None:
    text = (
        "<h1>Fees</h1><p>Nobody pays <a href='https://example.org/x'>more than that</a> fee.</p><ul><li>Cars</li></ul>"
    )
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(
            f"<title>Fees</title>{text}<p>Efficient officials offer to fill in the first form for all.</p>"
        )
        said = html(page.pdf(format="A4"))
    assert said.startswith('<h1>Fees</h1>\n<p>Nobody pays <a href="https://example.org/x">more than that</a> fee.')
    assert "<ul><li>Cars</li></ul>" in said
    assert "Efficient officials offer to fill in the first form" in said


# --- What other documents say ---

NOVEL = (
    paragraph("Rules", "Heading1") + paragraph("Dogs wait outside.") + "<w:tbl><w:tr><w:tc>{0}</w:tc></w:tr></w:tbl>"
)
ODT = (
    '<text:h text:outline-level="2">Rules</text:h><text:p>Dogs<text:s text:c="2"/>wait'
    "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Cats too.</text:p>"
    "</text:note-body></text:note>.</text:p><text:list><text:list-item><text:p>First</text:p></text:list-item>"
    '</text:list><text:p><text:a xlink:href="https://example.org/">There</text:a></text:p>'
)


def test_files_of_word_processors_are_pages_with_headings_lists_notes_and_links() -> None:
    assert html(word(NOVEL.format(paragraph("a cell")))).startswith("<h1>Rules</h1><p>Dogs wait outside.</p><table>")
    assert html(opendocument(ODT)) == (
        "<h2>Rules</h2><p>Dogs  wait.</p><ul><li>First</li></ul>"
        '<p><a href="https://example.org/">There</a></p><p>Cats too.</p>'
    )


@pytest.mark.parametrize(
    ("document", "kind", "reason"),
    [
        (ferry()[:300], PDF, "damaged"),
        (picture(), PDF, "scanned"),
        (
            pdf(
                [column(FIRST)],
                f"/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>",
            ),
            PDF,
            "encrypted",
        ),
        (pdf([[]] * 2001), PDF, "overlong"),
        (word(paragraph("x"))[:200], WORD, "damaged"),
        (word(paragraph("x"), **{"word/big.xml": b"\0" * (65 << 20)}), WORD, "overlong"),
        (word(paragraph("x"), **{"word/other.xml": "<!DOCTYPE x [<!ENTITY a 'a'>]><x>&a;</x>"}), WORD, "damaged"),
        (archive({"word/document.xml": "<unclosed"}), WORD, "damaged"),
        (opendocument("<text:p>x</text:p>", **{"META-INF/manifest.xml": "<encryption-data/>"}), OPEN, "encrypted"),
        (opendocument("<text:p>"), OPEN, "damaged"),
    ],
)
def test_what_cannot_be_read_has_a_reason_of_its_own(document: bytes, kind: str, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        reading.read(document, kind)
    assert caught.value.reason == reason


def test_a_cell_that_stands_for_a_million_is_bounded() -> None:
    cell = '<table:table-cell table:number-columns-repeated="1000000"><text:p>x</text:p></table:table-cell>'
    found = html(opendocument(f"<table:table><table:table-row>{cell}</table:table-row></table:table>"))
    assert found.count("<td>") == 100


# --- Runs ---


def test_a_pdf_fills_a_seed_whatever_its_type_says_and_an_edit_is_all_that_is_written(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    longer = [FIRST[0], "until midnight, and costs five crowns for whoever walks on", *FIRST[2:]]
    inserted = ["Horses need a stall of their own, which is asked for a day ahead.", "", *SECOND]
    answers = [ferry(), ferry() + b"\n", ferry(longer), ferry(longer, inserted)]
    url = site.says("/fees", *(Answer(one, kind="text/html") for one in answers))
    path = seeds.add("a.md", url)
    texts, outcomes = [], []
    for _ in answers:
        outcomes.append(crawl(REFRESH_CONFIRM="False").outcomes["a.md"])
        texts.append(body(path.read_text()))
    assert outcomes == ["filled", "unchanged", "changed", "changed"]
    assert texts[0].startswith(f"\n# Fees of the ferry\n\n{' '.join(FIRST[:3])}\n\n")
    assert texts[2] == texts[0].replace(FIRST[1], longer[1])
    assert texts[3] == texts[2].replace("Bicycles are", f"{inserted[0]}\n\nBicycles are")


def test_other_line_breaks_and_page_breaks_are_no_change(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    text = "Bicycles are tied to the rail on the lower deck, where one of the crew will help with representation."
    before = [
        "Bicycles are tied to the rail on the lower deck, where one of",
        "the crew will help with representation.",
    ]
    after = [
        "Bicycles are tied to the rail on the lower deck, where one of the crew will help with repre-",
        "sentation.",
    ]
    answers = (pdf([column(FIRST), column(before)]), pdf([column([*FIRST, "", *after])]))
    path = seeds.add("a.md", site.says("/fees.pdf", *(Answer(one, kind=PDF) for one in answers)))
    assert [crawl().outcomes["a.md"] for _ in answers] == ["filled", "unchanged"]
    assert text in path.read_text()


FOREIGN = """
Sound Ferries Company

Fees of the ferry

{0}

Page 1 of 2

Sound Ferries Company

{1}

Page 2 of 2
"""


@pytest.mark.parametrize("is_known", [False, True])
def test_a_body_of_another_converter_stays_but_for_the_words_that_change(
    is_known: bool, site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    stored = FOREIGN.format("\n".join(FIRST), "\n".join(SECOND))
    edited = [FIRST[0], FIRST[1].replace("four", "nine"), *FIRST[2:]]
    answers = [ferry(), ferry(edited), ferry(edited, [*SECOND[:3], f"{SECOND[3]} Then it is theirs."])][not is_known :]
    path = seeds.add("a.md", site.says("/fees.pdf", *(Answer(one, kind=PDF) for one in answers)), stored)
    for _ in answers:
        crawl(REFRESH_CONFIRM="False")
    crawl(REFRESH_CONFIRM="False")
    wanted = stored.replace("four", "nine").replace("longest crossing.", "longest crossing. Then it is theirs.")
    assert body(path.read_text()) == wanted


def test_a_body_that_cannot_be_compared_stays_and_is_kept_current_by_memory(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    garbled = " ".join(word if at % 3 else word[::-1] for at, word in enumerate(" ".join(FIRST + SECOND).split()))
    stored = f"\n{garbled}\n\nWhoever loses a ticket pays twice the fare of the longest crossing.\n"
    answers = [ferry(), ferry(second=[*SECOND[:3], f"{SECOND[3]} It is theirs then."])]
    path = seeds.add("a.md", site.says("/fees.pdf", *(Answer(one, kind=PDF) for one in answers)), stored)
    run = crawl(REFRESH_CONFIRM="False")
    assert run.outcomes == {"a.md": "unchanged"}
    assert {held["reason"] for held in run.of("a.md")["held_back"]} == {"importer"}
    assert body(path.read_text()) == stored
    assert crawl(REFRESH_CONFIRM="False").outcomes == {"a.md": "changed"}
    assert body(path.read_text()) == stored.replace("longest crossing.", "longest crossing. It is theirs then.")


def test_a_body_that_reads_columns_across_is_not_taken_for_one_that_changed(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    left = [f"Mooring {at} is let by the month to boats of members" for at in "one two three four five six".split()]
    right = [f"Crane {at} lifts what the harbour master has weighed" for at in "a b c d e f".split()]
    stored = "\n" + "\n\n".join(f"{one} {other}" for one, other in zip(left, right, strict=True)) + "\n"
    left[1:2] = ["and to guests."]
    stored = stored.replace("Mooring two is let by the month to boats of members", left[1])
    longer = [left[0], "and to guests. Whoever sails at night", "pays twice.", *left[2:]]
    document = pdf([[*column(longer, 40, size=8), *column(right, 320, size=8)]])
    path = seeds.add("a.md", site.says("/fees.pdf", Answer(document, kind=PDF)), stored)
    assert crawl(REFRESH_CONFIRM="False").outcomes == {"a.md": "unchanged"}
    assert body(path.read_text()) == stored


def test_raised_letters_and_numbers_of_notes_in_other_order_are_no_change(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    raised = [At(72, 500, "The signs of the L"), At(149, 503, "A", 7), At(155, 500, "TEX logo stand in three heights.")]
    document = pdf([[*furnished(1, FIRST, HEADING), *raised], furnished(2, SECOND)])
    said = FOREIGN.format(
        "\n".join(FIRST), "The signs of the LT\nA EX logo stand in three heights.\n\n" + "\n".join(SECOND)
    )
    path = seeds.add("a.md", site.says("/fees.pdf", Answer(document, kind=PDF)), said)
    assert crawl().outcomes == {"a.md": "unchanged"}
    assert body(path.read_text()) == said


def test_a_word_file_that_changed_is_merged_into_the_body_that_pandoc_made(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    texts = ["The ferry leaves at noon on all days but one.", "Dogs wait on the lower deck until all are ashore."]
    stored = f"\n# Rules {{#rules}}\n\n{texts[0]}\n\nDogs wait on the lower deck until\nall are ashore.\n"
    later = [texts[0].replace("noon", "dawn"), texts[1]]
    answers = [word(paragraph("Rules", "Heading1") + "".join(map(paragraph, text))) for text in (texts, later)]
    path = seeds.add("a.md", site.says("/rules", *(Answer(one, kind="application/zip") for one in answers)), stored)
    assert [crawl(REFRESH_CONFIRM="False").outcomes["a.md"] for _ in answers] == ["unchanged", "changed"]
    assert body(path.read_text()) == stored.replace("noon", "dawn")


def test_a_document_that_cannot_be_read_says_why_and_leaves_the_seed(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("scan.md", site.says("/scan.pdf", Answer(picture(), kind=PDF)), "\nText.\n")
    seeds.add("cut.md", site.says("/cut.pdf", Answer(ferry()[:300], kind=PDF)), "\nText.\n")
    seeds.add("gone.md", site.says("/gone.pdf", Answer(ferry(), 404, kind=PDF)), "\nText.\n")
    before = seeds.texts()
    run = crawl()
    assert run.why("scan.md") == ("broken", "scanned")
    assert "OCR" in run.of("scan.md")["mend"]
    assert run.why("cut.md") == ("broken", "damaged")
    assert run.why("gone.md") == ("failed", "http-404")
    assert seeds.texts() == before


def test_another_document_at_the_address_is_not_written(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    lines = [f"Menu of the canteen, part {at}: soup with bread, and apples after that" for at in range(9)]
    other = pdf([column(lines, y=HIGH - 100)])
    path = seeds.add("a.md", site.says("/fees.pdf", *(Answer(one, kind=PDF) for one in (ferry(), other))))
    assert [crawl().outcomes["a.md"] for _ in range(2)] == ["filled", "broken"]
    assert "ferry" in path.read_text()
