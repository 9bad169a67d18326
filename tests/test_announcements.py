"""Where a site announces what changed on its pages, the report says so; and says nothing where it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from fetcher.memory import hints
from fetcher.memory.state import State
from fetcher.report.announcements import Announcement, ChangedPage, find_announcements
from fetcher.report.changes import Edit
from fetcher.report.compare import compare
from tests.site import page
from tests.test_discover import Discover

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

NOW = datetime(2026, 3, 10, tzinfo=UTC)
FEES = "https://a.example/fees"


def replaced(old: str, new: str) -> Edit:
    return Edit("replaced", "paragraph", "", old, new, "", 0)


def added(under: str, text: str) -> Edit:
    return Edit("added", "list item", under, "", text, "", 0)


LATE = ChangedPage("fees.md", FEES, "Late fees | The library", [replaced("$4 a week", "$5 a week")])


def entry(title: str, text: str, url: str = "https://a.example/blog/1", when: str = "2026-03-02") -> Announcement:
    return Announcement(title, when, text, url)


def found(*entries: Announcement, pages: tuple[ChangedPage, ...] = (LATE,)) -> dict[str, Announcement]:
    return find_announcements(lambda: pages, entries, NOW)


@pytest.mark.parametrize(
    "told",
    [
        entry("New prices", "From May on, late fees are 5 a week."),
        entry("Late fees", "It is 5 now.", FEES),
        entry("Spring", "It is 5 now.")._replace(links=(f"{FEES}/",)),
        entry("Late fees", "It is 5 now.", when=""),
    ],
)
def test_an_entry_explains_a_change_of_a_page_that_it_names_with_a_changed_word(told: Announcement) -> None:
    assert found(told) == {"fees.md": told}


@pytest.mark.parametrize(
    "told",
    [
        entry("New prices", "Coffee is 5 now."),
        entry("Late fees", "We thank everybody who came."),
        entry("Late fees", "It is 5 now.", when="2025-03-02"),
        entry("Late fees", "It is 5 now.", when="2027-03-02"),
        entry("Late fees", "It is 5 now.", "https://b.example/blog"),
    ],
)
def test_another_does_not(told: Announcement) -> None:
    assert found(told) == {}


def test_enough_changed_words_do_without_a_name() -> None:
    edits = [replaced("the harbour opens on weekdays", "the lighthouse closes in november")]
    told = entry("Hours", "Our lighthouse closes each november, and the harbour opens late.")
    other = entry("Hours", "The lighthouse is painted.")
    assert found(told, other, pages=(ChangedPage("a.md", FEES, "Visit", edits),)) == {"a.md": told}


def test_words_that_most_entries_have_tell_nothing() -> None:
    edits = [replaced("our old library system", "your new catalogue release")]
    entries = [entry(f"No. {number}", f"A release of your catalogue, number {number}.") for number in range(8)]
    assert found(*entries, pages=(ChangedPage("a.md", FEES, "Visit", edits),)) == {}


def test_of_several_entries_the_one_that_says_most_is_named() -> None:
    named = entry("Late fees", "They are 5 now.")
    direct = entry("Spring", "It is 5 now.", FEES)
    assert found(named, direct) == {"fees.md": direct}


def test_a_changelog_that_changed_too_explains_the_other_pages_and_not_itself() -> None:
    items = [added("Version 12", "Late fees are 5 a week."), added("Version 11", "Boats are lent.")]
    changelog = ChangedPage("log.md", "https://a.example/changelog", "Changes", items)
    told = Announcement("Version 12", "", "Late fees are 5 a week.", changelog.url, path="log.md")
    assert found(pages=(LATE, changelog)) == {"fees.md": told}
    assert found(pages=(LATE, changelog._replace(url="https://a.example/faq"))) == {}


def test_a_changelog_that_leads_to_a_page_explains_it_without_its_title() -> None:
    items = [added("Spring", "It is 5 coins now.")._replace(links=("../fees/#late", "https://[", "/boats"))]
    changelog = ChangedPage("log.md", "https://a.example/log/changelog", "Changes", items)
    assert found(pages=(LATE, changelog))["fees.md"].title == "Spring"
    assert found(pages=(LATE, changelog._replace(edits=[items[0]._replace(links=("/boats",))]))) == {}


@pytest.mark.parametrize("old", ["", "Books are lent.\n\n", "Boats are lent to [all](/all) who can row.\n\n"])
def test_what_comes_says_where_it_leads(old: str) -> None:
    new = "Boats are lent to [all](/all) who can row, and [how](/how) is told by the harbour master.\n\n"
    change = compare("a.md", f"# A\n\n{old}", f"# A\n\n{new}")
    assert [link for edit in change.edits for link in edit.links] == (
        ["/all", "/how"] if "/all" not in old else ["/how"]
    )


def test_the_reports_name_a_changelog(site: Site, seeds: Seeds, tmp_path: Path, crawl: Crawl) -> None:
    before = [
        "Late books cost 4 coins a week in all our houses.",
        "Version 11\nBoats are lent to everybody who can row.",
    ]
    for name, title, text in (("fees", "Late fees", before[0]), ("changelog", "Changelog", before[1])):
        seeds.add(f"{name}.md", site.says(f"/{name}", page(text, title)), f"# {title}\n\n{text}\n")
    crawl()
    site.says("/fees", page(before[0].replace("4 coins", "5 coins"), "Late fees"))
    site.says("/changelog", page(f"Version 12: late fees are 5 coins a week now.\n{before[1]}", "Changelog"))
    run = crawl()
    assert run.of("fees.md")["announced"]["path"] == "changelog.md"
    assert "announced" not in run.of("changelog.md")
    latest = tmp_path / "reports/latest"
    assert "; announced: `Changelog · changelog.md` |" in (latest / "report.md").read_text()
    assert "<span>Announced: Changelog</span>" in (latest / "report.html").read_text()


def test_the_reports_name_an_entry_of_a_feed_that_was_found(
    site: Site, seeds: Seeds, tmp_path: Path, crawl: Crawl
) -> None:
    link = '<link rel="alternate" type="application/atom+xml" href="/feed">'
    pages = {name: page(f"Late books cost {name} coins a week in all our houses.", "Late fees") for name in "45"}
    url = site.says("/fees", pages["4"].replace("<head>", f"<head>{link}"))
    seeds.add("fees.md", url, "# Late fees\n\nLate books cost 4 coins a week in all our houses.\n")
    feed = f"<feed><entry><title>Spring</title><link href='/spring'/><content>&lt;a href='{url}'&gt;5 coins&lt;/a&gt;"
    site.says("/feed", f"{feed}</content></entry></feed>")
    state = tmp_path / "own.sqlite"
    discover = Discover(seeds, tmp_path)
    assert discover(REFRESH_STATE=str(state)) == 0
    with State(state, keeps=False) as kept:
        assert [*hints.announcements(kept)] == [("Spring", "", "5 coins", site.url("/spring"), (url,))]
    site.says("/fees", pages["5"])
    run = crawl(REFRESH_STATE=str(state))
    told = {"title": "Spring", "when": "", "url": site.url("/spring"), "path": ""}
    assert run.of("fees.md")["announced"] == told
