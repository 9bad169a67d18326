"""Reports of made-up runs: with everything that a report can show, with what a page can do to one, and with nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fetcher.memory.serialization import RunSummary
from fetcher.report.report import Report
from fetcher.terms.outcomes import HeldBack, Outcome, Record

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)
END = START + timedelta(minutes=3)
RUNS = [
    RunSummary(START - timedelta(days=n), END - timedelta(days=n), 12, {"unchanged": 9, "changed": n, "failed": n % 2})
    for n in range(3)
]

HOSTILE = (
    "</style></script><script>alert(1)</script><!-- --> ]]> <img src=x onerror=alert(1)> <base href=//evil> "
    "<meta http-equiv=refresh content=0> @someone #1 \"double\" 'single' &lt; {{ 7*7 }} {% raw %} "
    "\u202eturned\u202c \x1b[31m \0"
)

_OLD = """\
# Prices

See [our terms](https://example.org/terms) and **all plans**.

| Plan | Price |
|---|---:|
| Small | $10 |
| Large | $30 |

1. Choose a plan
2. Pay
   - by card
   - by post

```py
def price(plan):
    return 10
```

> Nobody has ever
> complained.

![A picture](/old.png) <b>raw</b>

<div>raw block</div>

- [ ] open

First.

Second.

Third.

Fourth.

Fifth.

Sixth.

This went.
"""
_NEW = (
    _OLD.replace("/terms)", "/conditions)")
    .replace("$10 |", "$12 |")
    .replace("| Large | $30 |", "| Large | $30 |\n| Huge | ask |")
    .replace("by post", "by transfer")
    .replace("return 10", "return 12")
    .replace("Nobody has", "Somebody has")
    .replace("/old.png", "/new.png")
    .replace("raw block", "another block")
    .replace("[ ] open", "[x] open")
    .replace("This went.\n", "![](/a.png)\n\n[](https://example.org/empty)\n")
)
_ARABIC = "# مرحبا\n\nتفتح المكتبة في التاسعة.\n"


def seed(body: str, title: str = "A page") -> str:
    """The text of a file."""
    return f'---\ntitle: "{title}"\nsource_url: "https://example.org/"\nfetched_at: 2026-01-01\n---\n{body}'


def everything(folder: Path) -> Path:
    """The report of a run with all outcomes, shared changes, things held back, notes, alarms and a history."""
    run = Report(folder, "docs/seeds", START)
    held = (HeldBack("time", "3 days", "2 months"), HeldBack("churn", HOSTILE, ""))
    words: dict[str, Any] = {"words_added": 9, "words_removed": 8}
    run.add(_record("a/prices.md", held=held, title="Prices", **words), seed(_OLD), seed(_NEW, "Prices"))
    run.add(_record("a/عربي.md", **words), seed(_ARABIC), seed(_ARABIC.replace("التاسعة", "العاشرة")))
    run.add(_record("b/filled.md", Outcome.FILLED, words_added=4), seed(""), seed("# New\n\nAll of it.\n"))
    run.add(_record("b/front.md", Outcome.MOVED), seed("Same.\n"), seed("Same.\n", "Other"))
    run.add(_record("b/link.md"), seed("See [this](/a).\n"), seed("See [this](/b).\n"))
    run.add(_record("b/layout.md"), seed("One\ntwo.\n"), seed("One two.\n"))
    run.add(_record(f"{'deep/' * 30}page.md", url=f"https://example.org/{'x' * 300}"), seed("A.\n"), seed("B.\n"))
    for number in range(4):
        old = f"Page {number}.\n\n© 2025 Example\n"
        run.add(_record(f"c/{number}.md"), seed(old), seed(old.replace("2025", "2026")))
    for outcome in (Outcome.MOVED, Outcome.GONE, Outcome.BLOCKED, Outcome.BROKEN, Outcome.FAILED, Outcome.SKIPPED):
        url = f"https://{outcome}.example/"
        run.add(_record(f"d/{outcome}.md", outcome, url=url, detail=f"It is {outcome}.", mend="Look at it."))
    run.add(_record("e/quiet.md", Outcome.UNCHANGED))
    run.finish(END, 18, ["A note."], ["An alarm."], RUNS)
    return folder / "latest" / "report.html"


def hostile(folder: Path) -> Path:
    """The report of a run in which every text that can come from elsewhere is an attack."""
    run = Report(folder, HOSTILE, START)
    texts: dict[str, Any] = {
        "url": f"https://example.org/{HOSTILE}",
        "title": HOSTILE,
        "detail": HOSTILE,
        "mend": HOSTILE,
    }
    held = (HeldBack("time", HOSTILE, HOSTILE),)
    body = f"# {HOSTILE}\n\n{HOSTILE} one\n\n[x](javascript:alert(1)) [{HOSTILE}](<{HOSTILE}>)\n\n```{HOSTILE}\n"
    new = body.replace("one", "two").replace("\n```", f"\n<script>alert(2)</script>\n\n![{HOSTILE}](x)\n\n```")
    run.add(_record(f"a/{HOSTILE}.md", held=held, **texts), seed(body), seed(new, HOSTILE))
    run.add(_record(f"b/{HOSTILE}.md", Outcome.FAILED, **texts))
    run.add(_record("c.md", url="javascript:alert(1)", outcome=Outcome.BROKEN))
    run.finish(END, 3, [HOSTILE], [HOSTILE], [RunSummary(START, END, 3, {"failed": 3}, (HOSTILE,))])
    return folder / "latest" / "report.html"


def nothing(folder: Path) -> Path:
    """The report of a run that found every page as it was."""
    run = Report(folder, "seeds", START)
    run.add(_record("a.md", Outcome.UNCHANGED))
    run.finish(END, 1)
    return folder / "latest" / "report.html"


def _record(path: str, outcome: Outcome = Outcome.CHANGED, url: str = "https://example.org/a", **more: Any) -> Record:
    return Record(path=path, outcome=outcome, url=url, **more)


def thousand(folder: Path) -> Path:
    """The report of a run that found a thousand pages changed, one of which has a needle."""
    run = Report(folder, "seeds", START)
    for number in range(1_000):
        old = f"# Page {number}\n\n" + "Some words that stay.\n\n" * 3
        run.add(_record(f"{number}.md"), seed(old), seed(f"{old}New: {'needle' if number == 777 else number}.\n"))
    run.finish(END, 1_000)
    return folder / "latest" / "report.html"
