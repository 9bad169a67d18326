"""What a change is about: every change has a class, told by form or by words of its language, and none is lost."""

from collections import Counter
from pathlib import Path

import pytest

from fetcher.report.changes import CLASSES, Edit
from fetcher.report.classes import classes
from fetcher.report.compare import compare


def told(old: str, new: str) -> list[str]:
    return list(compare("a.md", f"---\na: b\n---\n{old}\n", f"---\na: b\n---\n{new}\n").classes)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("A late book costs \\$4 a week.", "A late book costs \\$5 a week.", ["price"]),
        ("Ein Ausweis kostet 12,50 € im Jahr.", "Ein Ausweis kostet 14 € im Jahr.", ["price"]),
        ("There are 40 seats upstairs.", "There are 60 seats upstairs.", ["number"]),
        ("It begins on June 4, 2025 in the hall.", "It begins on May 6, 2026 in the hall.", ["date"]),
        ("Der Saal öffnet am 3. März wieder.", "Der Saal öffnet am 9. April wieder.", ["date"]),
        ("It needs the reader 2.4.1 or a later one.", "It needs the reader 2.5.0 or a later one.", ["version"]),
        ("Rooms can be booked by guests.", "Rooms cannot be booked by guests.", ["negation"]),
        ("Die Räume sind offen für Gäste.", "Die Räume sind nicht offen für Gäste.", ["negation"]),
        ("Children should bring a card.", "Children must bring a card.", ["permission"]),
        ("Les enfants peuvent apporter une carte.", "Les enfants doivent apporter une carte.", ["permission"]),
        ("Guests borrow ten books.", "Guests borrow at most ten books.", ["limit"]),
        ("The old catalogue is online.", "The old catalogue is deprecated.", ["deprecation"]),
        ("El catálogo está en línea.", "El catálogo está obsoleto.", ["deprecation"]),
        ("See [the plan](/plan) of it.", "See [the plan](/floors) of it.", ["link"]),
        ("See https://a.example/1 for it.", "See https://a.example/2 for it.", ["link"]),
        ("One.\n\n## Chess 2\n", "One.\n", ["section gone"]),
        ("One.\n", "One.\n\n## Chess\n", ["section new"]),
        ("```\nopen()\n```", "```\nshut()\n```", ["code"]),
        ("It is made with Bell-3.5 here.", "It is made with our Bell-5 models here.", ["version"]),
        ("One.", "One.\n\n- Ring the small bell, too (#834).", ["wording"]),
        ("1.5 ANY guest may ring.", "(e) ANY guest may ring.", ["wording"]),
        ("The bell weighs 1.5 MT in all.", "The bell weighs 2.5 MT in all.", ["number"]),
        ("Section 10 and 12(b) apply.", "Section 11 and 13(b) apply.", ["wording"]),
        ("7.2 THE HALL is bright.", "7.3 THE HALL is bright.", ["wording"]),
        ("The list looks like this.", "The list should look like this.", ["wording"]),
        ("7.2 Fees are due.", "8.2 Fees are due.", ["wording"]),
        ("The bell is rung by hand.", "A fee is due for each peal.", ["price"]),
        (
            "Cards are kept for no more than 13 months.",
            "Cards are kept for no more than 14 months.",
            ["limit", "number"],
        ),
        ("Wir leihen bis zu drei Bücher aus.", "Wir leihen bis zu fünf Bücher aus.", ["limit"]),
        ("The plan is old.", "The plan is up to date, at least as far as we know.", ["wording"]),
        ("Guests come in.", "We limit who comes in.", ["wording"]),
        ("Guests come in.", "Guests and Permitted Users come in.", ["wording"]),
        ("```\nring(old)\n```", "```\nring(not deprecated)\n```", ["code"]),
        ("The hall is bright.", "The hall is dark.", ["wording"]),
        ("One.", "One.\n\nThe hall is not far from here.", ["wording"]),
    ],
)
def test_a_change_is_told_by_what_came_or_went(old: str, new: str, wanted: list[str]) -> None:
    assert told(old, new) == wanted


def test_each_class_is_right_and_found_nine_times_in_ten() -> None:
    counts: Counter[tuple[str, bool, bool]] = Counter()
    for line in (Path(__file__).parent / "golden/classes.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        names, *texts = line.replace("\\n", "\n").replace("$", "\\$").split("\t")
        wanted, found = set(names.split(",")), set(told(*texts))
        counts.update((name, name in wanted, name in found) for name in wanted | found)
    for name in CLASSES:
        right, false, missed = (counts[name, *ends] for ends in ((True, True), (False, True), (True, False)))
        assert right >= 0.9 * (right + max(false, missed)), (name, right, false, missed)


def test_what_stands_on_both_sides_is_not_what_the_change_is_about() -> None:
    assert classes([Edit("changed", "paragraph", "", "not 4 old seats", "not 4 new seats", "", 0)]) == ["wording"]


def test_what_matters_most_comes_first_and_sums_have_a_class_too() -> None:
    edits = [Edit("added", "row", "", "", "", "", -1, 7), Edit("replaced", "row", "", "$4", "2 of $5", "", 0)]
    assert classes(edits) == ["price", "number", "wording"]
    assert sorted(classes(edits), key=CLASSES.index) == classes(edits)


@pytest.mark.parametrize("sign", ["1.", "1,1.", "1", "12.12."])
def test_figures_without_an_end_are_read_once_and_not_from_each_of_their_digits(sign: str) -> None:
    endless = sign * (60_000 // len(sign))
    assert classes([Edit("replaced", "paragraph", "", "", f"{endless} boats", "", 0)])
