"""Stamps in any form are read as UTC, and written in the form that they had."""

import time
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.seeds import stamps

WHEN = datetime(2026, 3, 1, 4, 5, 6, 789012, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))

FORMS = {
    "20.11.2025": "01.03.2026",
    "5.11.2025": "1.3.2026",
    "2026-02-08T23:10:01Z": "2026-03-01T04:05:06Z",
    "2026-02-08T23:10:01.123456Z": "2026-03-01T04:05:06.789012Z",
    "2026-02-08T23:10:01.123Z": "2026-03-01T04:05:06.789Z",
    "2026-02-08T23:10:01,123456789Z": "2026-03-01T04:05:06,789012000Z",
    "2026-02-08T23:10:01+00:00": "2026-03-01T04:05:06+00:00",
    "2026-02-08T23:10:01+02:00": "2026-03-01T04:05:06+00:00",
    "2026-02-08T23:10:01-0700": "2026-03-01T04:05:06+0000",
    "2026-02-08T23:10:01+02": "2026-03-01T04:05:06+00",
    "2026-02-08T23:10:01": "2026-03-01T04:05:06",
    "2026-02-08t23:10:01z": "2026-03-01t04:05:06z",
    "2026-02-08 23:10:01": "2026-03-01 04:05:06",
    "2026-02-08 23:10:01 +00:00": "2026-03-01 04:05:06 +00:00",
    "2026-02-08 23:10": "2026-03-01 04:05",
    "2026-02-08": "2026-03-01",
    "Sat, 07 Feb 2026 02:58:22 GMT": "Sun, 01 Mar 2026 04:05:06 GMT",
    "Sat, 07 Feb 2026 02:58:22 +0100": "Sun, 01 Mar 2026 04:05:06 +0000",
    "Sat Feb 07 2026 02:58:22 GMT+0300": "Sun Mar 01 2026 04:05:06 GMT+0000",
    "Sat Feb 07 2026 02:58:22 GMT-0800 (Pacific Standard Time)": (
        "Sun Mar 01 2026 04:05:06 GMT+0000 (Coordinated Universal Time)"
    ),
    "2026-02-08 23:10:01 UTC+3": "2026-03-01T04:05:06Z",
    "last week": "2026-03-01T04:05:06Z",
    "": "2026-03-01T04:05:06Z",
}


@pytest.mark.parametrize(("like", "written"), FORMS.items())
def test_a_stamp_is_written_in_the_form_of_the_old_one(like: str, written: str) -> None:
    assert stamps.write(WHEN, like) == written


@pytest.mark.parametrize("like", FORMS)
@given(when=MOMENTS)
def test_what_is_written_is_read_again_to_the_precision_of_its_form(like: str, when: datetime) -> None:
    written = stamps.write(when, like)
    read = stamps.read(written)
    assert read is not None
    assert timedelta(0) <= when - read < timedelta(days=1)
    assert stamps.write(read, like) == written


def test_a_moment_of_another_zone_is_written_in_utc() -> None:
    assert stamps.write(datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=2))), "") == "2026-02-28T23:00:00Z"


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-08T23:10:01Z",
        "2026-02-09T01:10:01+02:00",
        "2026-02-08 23:10:01",
        " 2026-02-08T23:10:01Z ",
        "Sun, 08 Feb 2026 23:10:01 GMT",
        "Sunday, 08-Feb-2026 23:10:01 UTC",
        "Feb 8, 2026 11:10:01 PM",
        "8 February 2026 23:10:01",
        "20260208T231001Z",
        "2026-02-09 02:10:01 UTC+3",
        "2026-02-09 02:10:01 GMT+03:00",
        "2026-02-08 18:10:01 utc -5",
        "9 Feb 2026 02:10:01 MSK+0300",
        "Mon Feb 09 2026 02:10:01 GMT+0300",
        "Mon Feb 09 2026 02:10:01 GMT+0300 (Moscow Standard Time)",
        datetime(2026, 2, 8, 23, 10, 1),
        datetime(2026, 2, 8, 23, 10, 1, tzinfo=UTC),
        datetime(2026, 2, 9, 0, 10, 1, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_one_moment_is_read_from_all_its_forms(value: object) -> None:
    assert stamps.read(value) == datetime(2026, 2, 8, 23, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize("value", ["2026-02-08", date(2026, 2, 8), "8 Feb 2026", "2026-02-08T00:00:00"])
def test_a_date_alone_is_its_midnight_in_utc(value: object) -> None:
    assert stamps.read(value) == datetime(2026, 2, 8, tzinfo=UTC)


def test_a_date_with_dots_begins_with_its_day() -> None:
    assert stamps.read("05.11.2025") == datetime(2025, 11, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        None, "", " ", "never", "tuesday", "2026", "2026-02", "February 2026", "10", "12:30", "2026-13-45", "1:2:3:4",
        7, 1770591001, True, 2.5, [], {}, "9" * 50, "2026-02-08" * 20, "\x00", "0001-01-01T00:00:00+23:59",
        "31.02.2025",
    ],
)  # fmt: skip
def test_what_names_no_moment_is_none(value: object) -> None:
    assert stamps.read(value) is None


@given(st.one_of(st.text(), st.text("0123456789-+:TZ ,.GMTaprmon", max_size=40), st.datetimes(), st.dates()))
def test_reading_never_raises_and_gives_utc(value: object) -> None:
    read = stamps.read(value)
    assert read is None or read.tzinfo is UTC


@pytest.mark.parametrize("name", ["EST", "CET", "XYZ"])
def test_the_zone_of_the_machine_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setenv("TZ", f"{name}5")
    time.tzset()
    try:
        assert stamps.read(f"8 Feb 2026 23:10:01 {name}") == datetime(2026, 2, 8, 23, 10, 1, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("age", "cutoff"),
    [
        ("12h", datetime(2026, 2, 28, 16, 5, 6, 789012, tzinfo=UTC)),
        ("30d", datetime(2026, 1, 30, 4, 5, 6, 789012, tzinfo=UTC)),
        ("2w", datetime(2026, 2, 15, 4, 5, 6, 789012, tzinfo=UTC)),
        (" 0d ", WHEN),
        ("2026-02-08", datetime(2026, 2, 8, tzinfo=UTC)),
        ("2026-02-08T23:10:01+02:00", datetime(2026, 2, 8, 21, 10, 1, tzinfo=UTC)),
    ],
)
def test_an_age_is_the_moment_before_which_a_seed_is_old(age: str, cutoff: datetime) -> None:
    assert stamps.parse_age(age, WHEN) == cutoff


@pytest.mark.parametrize("age", ["", "30", "3m", "-1d", "1.5d", "d", "month", "999999d", "99999999999d", "1d 2h"])
def test_an_age_that_is_none_is_refused_with_what_is_accepted(age: str) -> None:
    with pytest.raises(ValueError, match=r"is no age: give hours, days or weeks \(12h, 30d, 2w\) or a date"):
        stamps.parse_age(age, WHEN)
