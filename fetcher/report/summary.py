"""Summarises a run for a terminal, and posts the summary to a webhook.

The webhook gets JSON, with a text that chat services such as Slack show as it is.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from itertools import accumulate, islice, takewhile
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from fetcher import __version__
from fetcher.report.changes import CLASSES
from fetcher.report.screen import COLOURS, Screen, painted, printable
from fetcher.terms.arguments import UsageError
from fetcher.terms.outcomes import TROUBLES, Outcome, counted

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

MOST_ROWS = 200
"""Seeds that are listed: more than fit on a screen."""

MOST_NEWS = 20
"""Changed seeds that the webhook gets one by one."""

OPEN = TROUBLES | {Outcome.GONE, Outcome.MOVED}
"""Outcomes that a person should look at."""


@dataclass(frozen=True, slots=True)
class Row:
    """A seed that a person should look at."""

    path: str
    outcome: Outcome
    detail: str
    mend: str


class News(NamedTuple):
    """A changed seed for the webhook: the classes of its change, the most important first, and the change in words."""

    path: str
    url: str
    classes: Sequence[str]
    summary: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The results of a run over the folder `seeds`; `report` is the folder of its report, if there is one.

    course      a sentence on what was visited and with which outcomes
    attention   sentences on what needs a person
    open        the first `MOST_ROWS` seeds, by path, that a person should look at
    news        the first `MOST_NEWS` changed seeds to announce; `classes` counts all of them by class
    is_news     whether there is anything to announce
    """

    seeds: str
    report: Path | None
    counts: Counter[Outcome]
    words_added: int
    words_removed: int
    held_back: int
    notes: Sequence[str] = ()
    attention: Sequence[str] = ()
    course: str = ""
    found: int = 0
    open: Sequence[Row] = field(default=(), repr=False)
    news: Sequence[News] = field(default=(), repr=False)
    classes: Mapping[str, int] = field(default_factory=dict)
    is_news: bool = True


def open_rows(records: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """The first of the seeds, given as in `report.json`, that a person should look at."""
    rows = (Row(one["path"], Outcome(one["outcome"]), one["detail"], one["mend"]) for one in records)
    return tuple(islice((row for row in rows if row.outcome in OPEN), MOST_ROWS))


def announced(
    records: Iterable[Mapping[str, Any]], counts: Mapping[str, int], only: Collection[str]
) -> tuple[list[News], dict[str, int]]:
    """The first changed seeds to announce, and their number by class; `only` limits the classes, if it is not empty."""
    wanted = [name for name in CLASSES if not only or name in only]
    news = (record for record in records if {*wanted} & {*record["classes"]})
    first = [News(*(one[name] for name in News._fields)) for one in islice(news, MOST_NEWS)]
    return first, {name: counts[name] for name in wanted if counts.get(name)}


def terminal(summary: Summary, screen: Screen) -> str:
    """The summary, cut to fit the terminal; the report has all of it."""
    table = [*_table(summary, screen), ""]
    height = sum(screen.height(line) for line in _table(summary, Screen())) + 1
    end = f"The report: {printable(str(summary.report / 'report.md'))}" if summary.report else "There is no report."
    room = screen.lines - height - screen.height(end) - 2  # an empty line before the end, and the prompt
    notes = _fitted([(note, note) for note in map(printable, summary.notes)], len(summary.notes), room // 2, screen)
    room -= sum(screen.height(note) for note in notes)
    rows = _fitted([_line(row, screen) for row in summary.open], _total(summary, OPEN), room, screen)
    return "\n".join([*notes, *table, *rows, *[""] * bool(rows), end])


def _fitted(lines: Sequence[tuple[str, str]], total: int, room: int, screen: Screen) -> list[str]:
    """As many of `total` lines as fit, and how many more there are; each is given without and with colours."""
    heights = [screen.height(plain) for plain, _ in lines]
    if total == len(lines) and sum(heights) <= room:
        return [shown for _, shown in lines]
    fitting = list(takewhile(lambda height: height < room, accumulate(heights)))  # one line is for the number left out
    return [*(shown for _, shown in lines[: len(fitting)]), f"… and {total - len(fitting):,} more"]


def _table(summary: Summary, screen: Screen) -> Iterator[str]:
    for name, count in _counted(summary):
        yield f"{count:>9,} {_painted(name, screen)}"
    if summary.words_added or summary.words_removed:
        yield f"{counted(summary.words_added, 'word')} added, {summary.words_removed:,} removed"
    yield from _held_back(summary)


def _counted(summary: Summary) -> Iterator[tuple[str, int]]:
    for outcome in Outcome:
        if count := summary.counts[outcome]:
            yield outcome.value, count
    yield "in all", summary.counts.total()


def _held_back(summary: Summary) -> Iterator[str]:
    if summary.held_back:
        yield f"Differences held back: {summary.held_back:,} (the report says why)"


def _line(row: Row, screen: Screen) -> tuple[str, str]:
    """The line of a seed, without and with colours."""
    line = printable(f"{row.outcome} {row.path}: {row.detail} {row.mend}")
    return line, _painted(row.outcome, screen) + line.removeprefix(row.outcome)


def _painted(name: str, screen: Screen) -> str:
    """The name of an outcome in its colour; that of the sum as it is."""
    return painted(name, COLOURS[Outcome(name)]) if screen.colours and name in COLOURS else name


def _total(summary: Summary, outcomes: frozenset[Outcome]) -> int:
    return sum(summary.counts[outcome] for outcome in outcomes)


logger = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds for the whole request: looking up the host, connecting, sending, and the answer."""

_LONGEST = 3_000
"""Characters of the text: chat services cut or refuse longer ones."""


class _NoRedirect(HTTPRedirectHandler):
    """Follows no redirect: that would send a GET without the message, to an unknown address."""

    def redirect_request(self, *_: Any) -> None:
        """None: do not follow."""


def checked(address: str) -> str:
    """The address, which may be empty; raises UsageError if nothing can be posted to it.

    >>> checked("https://hooks.example/a")
    'https://hooks.example/a'
    """
    if address and not _is_usable(address):
        raise UsageError("REPORT_WEBHOOK is no http or https address")  # which may hold a secret
    return address


def notify(address: str, summary: Summary | None, status: int) -> None:
    """Posts the summary of a run to the webhook, if there is one; failures are logged.

    Dry runs are posted too. A run that announces only some changes (`-a only`) is not posted if it has none of these
    and its exit status is 0.
    """
    if address and summary and (summary.is_news or status) and (trouble := post(address, message(summary, status))):
        logger.warning(trouble)


def message(summary: Summary, status: int) -> dict[str, Any]:
    """The JSON to post: a `text`, in which nothing is a mention or a link for Slack, and data.

    `counts`, `found`, `notes` and `attention` are as in `report.json`; `status` is the run's exit status. `classes`
    counts the announced seeds by the class of their changes; `changed` has the first of them.
    """
    said = [f"Refresh of {summary.seeds}: {summary.course}", *summary.notes]
    said += [sentence for sentence in summary.attention if sentence not in summary.notes]
    said += [f"{', '.join(one.classes)}: {one.path}: {one.summary}" for one in summary.news]
    return {
        "text": _for_chats("\n".join(printable(sentence) for sentence in said)),
        "status": status,
        "found": summary.found,
        "counts": {outcome.value: summary.counts[outcome] for outcome in Outcome},
        "notes": list(summary.notes),
        "attention": list(summary.attention),
        "classes": dict(summary.classes),
        "changed": [one._asdict() | {"classes": list(one.classes)} for one in summary.news],
    }


def post(address: str, content: dict[str, Any], timeout: float = TIMEOUT) -> str:
    """Posts the content as JSON; returns a sentence on what went wrong, "" if nothing did. Never raises.

    The sentence names only the host of the address: the rest is often a secret.
    """
    said: list[str] = []
    # A socket's timeout limits each wait, not all of them together, and name lookups have none. A thread that is still
    # busy after that time ends with the process.
    thread = Thread(target=lambda: said.append(_posted(address, content, timeout)), daemon=True)
    thread.start()
    thread.join(timeout)
    trouble = said[0] if said else _late(timeout)
    return f"REPORT_WEBHOOK at {urlsplit(address).hostname} was not told of the run: {trouble}." if trouble else ""


def _posted(address: str, content: dict[str, Any], timeout: float) -> str:
    headers = {"Content-Type": "application/json", "User-Agent": f"fetcher/{__version__}"}
    request = Request(address, json.dumps(content).encode(), headers, method="POST")  # noqa: S310  # see `fault`
    try:
        with build_opener(_NoRedirect).open(request, timeout=timeout):
            return ""
    except HTTPError as error:
        return f"it answered HTTP {error.code}"
    except Exception as error:  # as manifold as what servers answer
        reason = error.reason if isinstance(error, URLError) else error
        return _late(timeout) if isinstance(reason, TimeoutError) else printable(str(reason)) or type(error).__name__


def _late(timeout: float) -> str:
    return f"it took longer than {timeout:g} s"


def _is_plain(address: str) -> bool:
    return address.isascii() and address.isprintable() and " " not in address


def _is_usable(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and _is_plain(address)
    except ValueError:  # brackets that are no IPv6 address, a port that is no number
        return False


def _for_chats(text: str) -> str:
    """The text, shortened, with the three characters escaped that are markup for Slack."""
    short = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
