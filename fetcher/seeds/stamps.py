"""Reads dates in any common format, writes one in the format of another, and parses ages such as `30d`."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from email.utils import format_datetime

_LONGEST = 100  # characters; no date is longer, and the parser's cost grows with its input

_ISO = re.compile(
    r"""(?P<date> \d{4}-\d\d-\d\d)
        (?: (?P<gap> [Tt]|[ ]+) (?P<clock> \d\d:\d\d)
            (?P<seconds> :\d\d (?: (?P<point> [.,]) (?P<fraction> \d{1,9}))?)?
            (?P<zone> [ ]*(?: [Zz] | [+-]\d\d(?P<colon> :?)(?P<minutes> \d\d)?))? )?""",
    re.VERBOSE,
)
_HTTP = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?P<zone>GMT|[+-]\d{4})")
_JAVASCRIPT = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4}(?P<name> \([^()]*\))?")
# Dates with dots have the day first in every country that writes them so.
_DOTTED = re.compile(r"(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>\d{4})")
# Names beside an offset, which add nothing: "GMT+0300 (Moscow Standard Time)".
_NAME_AFTER = re.compile(r"(?<=[+-]\d{4})[ ]\([^()]*\)\Z")
_NAME_BEFORE = re.compile(r"(?<=\d)[ ]?(?:(?i:utc?|gmt)|[A-Z]{3,5})(?=[ ]?[+-]\d{1,2}(?::?\d\d)?\Z)")

_AGE = re.compile(r"(\d{1,6}) ?([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}


def read(value: object) -> datetime | None:
    """The moment that a stamp names, in UTC; None if it names none.

    Takes text in any format that python-dateutil knows (ISO 8601, RFC 3339, HTTP dates) and what PyYAML makes of an
    unquoted date. Without a zone it is taken as UTC, without a time as midnight. Text that leaves the year, month or
    day open ("tuesday", "2026-02") names no moment.

    >>> read("Sat, 07 Feb 2026 02:58:22 GMT").isoformat()
    '2026-02-07T02:58:22+00:00'
    """
    try:
        match value:
            case datetime():
                return _in_utc(value)
            case date():
                return datetime.combine(value, time(), UTC)
            case str() if len(value) <= _LONGEST:
                return _in_utc(_from_text(value.strip()))
    except (ValueError, OverflowError):  # not a date, or outside of the years 1 to 9999
        pass
    return None


def write(when: datetime, like: str) -> str:
    """The moment in UTC, in the format of the stamp `like`; as `2026-02-08T23:10:01Z` if that format is not known.

    >>> write(datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC), "2026-02-08 23:10")
    '2026-03-01 04:05'
    """
    when = when.astimezone(UTC)
    like = like.strip()
    if form := _ISO.fullmatch(like):
        return _iso(when, form)
    if form := _HTTP.fullmatch(like):
        return format_datetime(when, usegmt=form["zone"] == "GMT")
    if form := _JAVASCRIPT.fullmatch(like):
        weekday, day, month, year, clock, _ = format_datetime(when).split()
        zone = "GMT+0000 (Coordinated Universal Time)" if form["name"] else "GMT+0000"
        return f"{weekday[:3]} {month} {day} {year} {clock} {zone}"
    if form := _DOTTED.fullmatch(like):
        width = min(len(form["day"]), len(form["month"]))  # 1 if either has no leading zero
        return f"{when.day:0{width}}.{when.month:0{width}}.{when.year:04}"
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_age(text: str, now: datetime) -> datetime:
    """The moment that an age (`12h`, `30d`, `2w`) before `now` or a date names.

    Raises ValueError, with the accepted formats, for anything else.
    """
    try:
        if age := _AGE.fullmatch(text.strip()):
            return now - timedelta(hours=int(age[1]) * _HOURS[age[2]])
        if moment := read(text):
            return moment
    except OverflowError:  # further back than year 1
        pass
    raise ValueError(
        f"{text!r} is no age: give hours, days or weeks (12h, 30d, 2w) or a date (2026-02-08, 2026-02-08T23:10:01Z)"
    )


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _from_text(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)  # nearly every stamp, at a hundredth of the cost
    except ValueError:
        pass
    if form := _DOTTED.fullmatch(text):
        return datetime(int(form["year"]), int(form["month"]), int(form["day"]))
    from dateutil import parser  # noqa: PLC0415  # few stamps need it

    # The parser reads an offset after a name as POSIX does, where "UTC+3" is west of Greenwich: remove the name.
    text = _NAME_BEFORE.sub(" ", _NAME_AFTER.sub("", text))
    # The parser fills gaps from the default, so two different defaults show whether the text leaves the day open.
    one, other = (parser.parse(text, default=default, tzinfos=_zone) for default in _DEFAULTS)
    if one != other:
        raise ValueError(f"{text!r} leaves the day open")
    return one


_DEFAULTS = (datetime(2000, 1, 1), datetime(2001, 2, 2))


def _zone(_name: str | None, offset: int | None) -> tzinfo:
    from dateutil import tz  # noqa: PLC0415  # as above

    # Else the parser would take a zone name for the local zone of the machine, if that has the same name.
    return tz.tzoffset(None, offset or 0)


def _iso(when: datetime, form: re.Match[str]) -> str:
    text = when.strftime("%Y-%m-%d")
    if form["clock"]:
        text += form["gap"] + when.strftime("%H:%M")
    if form["seconds"]:
        text += when.strftime(":%S")
    if form["fraction"]:
        text += form["point"] + f"{when.microsecond:06}000"[: len(form["fraction"])]
    return text + _utc(form)


def _utc(form: re.Match[str]) -> str:
    zone = form["zone"] or ""
    if not zone or zone[-1] in "Zz":
        return zone
    gap = " " * (len(zone) - len(zone.lstrip()))
    return gap + "+00" + (form["colon"] + "00" if form["minutes"] else "")
