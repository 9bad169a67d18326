"""What changes by itself is told by its form."""

import pytest

from fetcher.merge.churn import Side, churn
from fetcher.merge.times import is_stamp
from fetcher.terms.outcomes import Noise


def held(removed: str, added: str, before: str = "", after: str = "") -> str:
    """Why an edit is held back; `before` and `after` stand around both texts."""
    return churn(Side(removed, before, after), Side(added, before, after))


@pytest.mark.parametrize(
    ("removed", "added"),
    [
        ("Updated this week", "Updated 3 weeks ago"),
        ("yesterday", "2 days ago"),
        ("il y a 3 heures", "il y a 2 jours"),
        ("vor 3 Stunden", "gestern"),
        ("hace 2 horas", "ayer"),
        ("3 часа назад", "вчера"),
        ("3 hours ago", "March 16, 2026"),
        ("3 hours ago", "2026-03-16"),
        ("3 hours ago", "16.03.2026"),
        ("", "16 de marzo de 2026"),
        ("", "16 марта 2026"),
        ("2026年3月16日", ""),
    ],
)
def test_relative_times(removed: str, added: str) -> None:
    """A relative time gives way to another, or to the date it meant, which may also stand alone."""
    assert held(removed, added) is Noise.TIME


@pytest.mark.parametrize(
    ("removed", "added", "before", "after"),
    [
        ("May 1", "May 2", "", ""),
        ("5", "6", "costs $", " a month"),
        ("a week", "a month", "Cancel within", "."),
        ("", "$4", "", ""),
        ("free", "paid", "It is", "for all"),
        ("week", "", "the end of the", "of work"),
        ("日本", "中国", "", ""),
        ("", "5", "", ""),
        ("", "10:30", "", ""),
        ("", "1.2.3", "", ""),
        ("yesterday", "7", "", ""),
        ("Maybe", "", "", ""),
        ("", "Marketing", "", ""),
        ("", "Marathon 5", "", ""),
    ],
)
def test_what_tells_something_is_no_churn(removed: str, added: str, before: str, after: str) -> None:
    """Dates, prices and periods are content."""
    assert held(removed, added, before, after) == ""


def test_times_inside_of_a_line() -> None:
    """A number changes by itself where the words beside it tell a relative time."""
    assert held(" 2", " 5", "Posted", " hours ago") is Noise.TIME
    assert held(" 2", " 5", "The work takes", " hours") == ""
    assert held(" 5", " 6", "Rates valid today:", " percent on savings.") == ""
    assert held(" 9", " 8", "Since yesterday", " seats are free.") == ""


@pytest.mark.parametrize(("removed", "added"), [("5 days", "7 days"), ("3 months", "a year"), ("", "14 days")])
def test_a_duration_is_no_relative_time(removed: str, added: str) -> None:
    assert held(removed, added) == ""


@pytest.mark.parametrize(
    ("before", "after"), [("", " views"), ("Comments (", ")"), ("By Ann ·", " likes | 4 shares"), ("Votes:", "")]
)
def test_counters(before: str, after: str) -> None:
    """A number is a counter where only the name of what is counted stands with it."""
    assert held(" 1,204", " 1.3k", before, after) is Noise.COUNTER


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Updated 3 days ago · 1,204 views", "counter"),
        ("Views: 12k | yesterday", "counter"),
        ("Updated 3 days ago · 4 moorings", ""),
        ("Updated 3 days ago · 4 views of the harbour", ""),
        ("12 reviews · 3 stars", ""),
        ("3 comments", ""),
    ],
)
def test_a_line_of_when_and_how_often_comes_and_goes_unnoticed(text: str, held: str) -> None:
    assert churn(Side(""), Side(text)) == churn(Side(text), Side("")) == held


def test_a_counter_may_count_thousands() -> None:
    assert held("1", "2", "1.", "k views") is Noise.COUNTER
    assert held("1", "2", "1.", "k lives") == ""


def test_a_line_that_is_a_stamp_is_held_however_few_of_its_words_stay() -> None:
    assert held("Stand: 03.03.2026 10:11:12", "Stand: 04.04.2026 11:12:13") is Noise.TIME


def test_letters_that_make_another_word_are_no_capitals() -> None:
    assert held("Masse", "Maße", "Der Preis der ", " steigt.") == ""
    assert held("maße", "Maße", "Der Preis der ", " steigt.") is Noise.LETTERS


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("version", ""),
        ("Its walls show", " views of the valley."),
        ("A crew has up to", " members."),
        ("", " downloads a month"),
        ("Each plan has", " votes, and more on demand"),
        ("", " members"),
    ],
)
def test_a_number_that_the_text_states_is_no_counter(before: str, after: str) -> None:
    assert held(" 12", " 13", before, after) == ""


@pytest.mark.parametrize(
    ("removed", "added", "before", "after"),
    [
        ("Read More", "Read more", "", ""),
        ("end", "end.", "", ""),
        ("", ",", "In winter", " the hall shuts"),
        ('"', "", "They call it ", "the quiet room"),
        ("", ".", "It costs 5", ""),
        (" -", " ,", "One", " two"),
        ("", "↩", "Never by more than four.", ""),
        (" •", "", "Home", " Docs"),
    ],
)
def test_letters(removed: str, added: str, before: str, after: str) -> None:
    """Capitals, quotes, dashes and stops between words of prose are the smallest of changes."""
    assert held(removed, added, before, after) is Noise.LETTERS


@pytest.mark.parametrize(
    ("removed", "added", "before", "after"),
    [
        ("", "$", "", "4"),
        ("+", "", "a", "b"),
        ("", " -", "at", "5 degrees"),
        ("", "%", "Members get 5", " off"),
        (",", ".", "Add 1", "500 grams"),
        ("%", "‰", "rises by 5", ""),
        ("", "-", "page 1", "9"),
        ("❌", "✅", "", " Dogs"),
        ("✓", "✗", "Photos: ", ""),
        ("v", "V", "copy -", " disk"),
        ("", "-", "copy -", "force disk"),
        ("Open", "open", "Write Quay.", " at dawn"),
        ("mb", "MB", "up to 5", ""),
        ("", ".", "edit the ", "profile file"),
        ("", "@", "write to ", "anna"),
        ("", "°", "at 5", " all day"),
        ("", "/", "and", "or"),
        ("", "#", "issue ", "5"),
        ("?", ".", "Is it free", " Yes"),
    ],
)
def test_signs_that_tell_something_are_no_letters(removed: str, added: str, before: str, after: str) -> None:
    """Signs of numbers, of names, of code and emoji are content, and so are capitals of names."""
    assert held(removed, added, before, after) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Last updated 2026-03-01 10:11:12 UTC", "Last updated 2026-04-02 11:12:13 UTC"),
        ("Built on Mon Mar 2 2026 09:00:01 by Dock.", "Built on Thu Apr 2 2026 23:10:59 by Dock."),
        ("Updated: 3 March 2026, 10:11", "Updated: 4 April 2026, 9:05"),
        ("Stand 03.03.2026 10:11:12", "Stand 04.04.2026 11:12:13"),
        ("Zuletzt geändert am 03.03.2026 10:11", "Zuletzt geändert am 04.04.2026 9:05"),
        ("Dernière mise à jour : 3 mars 2026 à 10:11", "Dernière mise à jour : 4 avril 2026 à 09:05"),
        ("最終更新：2026年3月3日 10:11", "最終更新：2026年4月4日 09:05"),
        ("In [3]:", "In [19]:"),
        ("Out[ ]:", "Out[7]:"),
    ],
)
def test_the_moment_of_a_build_is_a_stamp(old: str, new: str) -> None:
    assert is_stamp(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The ferry sails at 10:30.", "The ferry sails at 11:30."),
        ("Last updated: March 2026", "Last updated: April 2026"),
        ("Built 2026-03-01 10:11:12 by Ann", "Built 2026-03-01 10:11:13 by Bob"),
        ("Öffnet am 03.03.2026 um 10:11", "Öffnet am 04.04.2026 um 9:05"),
        ("Room [3] is open", "Room [4] is open"),
    ],
)
def test_a_date_that_people_wrote_is_none(old: str, new: str) -> None:
    assert not is_stamp(old, new)


def test_nothing_is_no_churn() -> None:
    """Where nothing changes, nothing changes by itself."""
    assert held("", "") == ""
