"""What changes by itself is told by its form."""

import pytest

from fetcher.merge.churn import Noise, churn


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
    assert churn(removed, added) is Noise.TIME


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
    assert churn(removed, added, before, after) == ""


def test_times_inside_of_a_line() -> None:
    """A number changes by itself where the words beside it tell a relative time."""
    assert churn("2", "5", "Posted", "hours ago") is Noise.TIME
    assert churn("2", "5", "The work takes", "hours") == ""


def test_counters() -> None:
    """A number beside the name of what is counted is a counter; one beside anything else is not."""
    assert churn("1,204", "1.3k", "", "views") is Noise.COUNTER
    assert churn("12", "13", "Comments (", ")") is Noise.COUNTER
    assert churn("12", "13", "version", "") == ""


def test_letters() -> None:
    """Capitals and punctuation alone are the smallest of changes; signs of money and arithmetic are not."""
    assert churn("Read More", "Read more") is Noise.LETTERS
    assert churn("end", "end.") is Noise.LETTERS
    assert churn("", "$", "", "4") == ""
    assert churn("+", "", "a", "b") == ""


def test_nothing_is_no_churn() -> None:
    """Where nothing changes, nothing changes by itself."""
    assert churn("", "") == ""
