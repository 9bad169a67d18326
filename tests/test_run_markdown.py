"""Runs against pages that answer Markdown, alone or beside their HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetcher.terms.arguments import UsageError
from tests.site import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

KIND = "text/markdown; charset=utf-8"
TEXT = """# Winter timetable

The ferry leaves the old harbour at the full hour, and waits for the train where that is late.

- *Bicycles* travel free of charge.
- Dogs travel on the lower deck.

Ask the crew for everything else that you would like to know about the crossing.
"""
HTML = """<!doctype html><html lang=en><head><title>Winter timetable</title>{head}</head><body>
<nav><a href=/>Home</a></nav><main><h1>Winter timetable</h1>
<p>The ferry leaves the old harbour at the full hour, and waits for the train where that is late.</p>
<ul><li><em>Bicycles</em> travel free of charge.</li><li>Dogs travel on the lower deck.</li></ul>
<p>Ask the crew for everything else that you would like to know about the crossing.</p></main></body></html>"""
IMPORTED = "\n" + TEXT.replace("- ", "* ").replace("*Bicycles*", "_Bicycles_")


def html(head: str = "") -> str:
    return HTML.replace("{head}", head)


def later(text: str) -> str:
    return text.replace("full hour", "half hour")


def body(text: str) -> str:
    return text.split("---\n", 2)[2]


# --- Markdown alone ---


def test_front_matter_is_about_the_page_and_fills_fields_not_bodies(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    front = '---\ntitle: Winter timetable\ndescription: "When the ferry leaves"\nlast-updated: 2026-03-01\n---\n\n'
    path = seeds.add("a.md", site.says("/a.md", Answer(front + TEXT, kind=KIND)))
    run = crawl(SEEDS_FIELDS="description=summary,modified")
    assert run.outcomes == {"a.md": "filled"}
    assert body(path.read_text()) == f"\n{TEXT}"
    assert 'summary: "When the ferry leaves"' in path.read_text()
    assert run.of("a.md")["page"]["modified"] == "2026-03-01"
    assert run.of("a.md")["title"] == "Winter timetable"


def test_an_answer_of_front_matter_alone_is_empty(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    path = seeds.add("a.md", site.says("/a.md", Answer("---\ntitle: Nothing\n---\n", kind=KIND)), TEXT)
    before = path.read_bytes()
    assert crawl().why("a.md") == ("broken", "empty")
    assert path.read_bytes() == before


def test_white_space_in_code_is_seen_and_a_new_order_of_front_matter_is_not(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    code = f"{TEXT}\n```python\nif late:\n    wait()\n```\n"
    says = [f"---\na: 1\nb: 2\n---\n{code}", f"---\nb: 2\na: 1\n---\n{code}", code.replace("    wait", "  wait")]
    path = seeds.add("a.md", site.says("/a.md", *(Answer(text, kind=KIND) for text in says)))
    assert [crawl(REFRESH_CONFIRM="False").outcomes["a.md"] for _ in says] == ["filled", "unchanged", "changed"]
    assert body(path.read_text()) == "\n" + code.replace("    wait", "  wait")


def test_a_file_that_is_crlf_stays_so(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    url = site.says("/a.md", Answer(later(TEXT), kind="application/octet-stream"))
    text = f'---\nsource_url: "{url}"\n---\n\n{TEXT}'.replace("\n", "\r\n")
    path = seeds.add("a.md", "", text=text)
    assert crawl().outcomes == {"a.md": "changed"}
    assert body(path.read_bytes().decode().replace("\r\n", "\n")) == f"\n{later(TEXT)}"
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")


def test_what_a_person_changed_is_merged_with_what_the_page_changed(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    path = seeds.add("a.md", site.says("/a.md", Answer(TEXT, kind=KIND), Answer(later(TEXT), kind=KIND)))
    crawl()
    path.write_text(path.read_text().replace("Dogs", "Large dogs"))
    assert crawl(REFRESH_CONFIRM="False").outcomes == {"a.md": "changed"}
    assert body(path.read_text()) == "\n" + later(TEXT).replace("Dogs", "Large dogs")


def test_a_note_for_agents_is_named_in_the_report_and_not_written(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    note = "> **AI assistants:** load /llms.txt first.\n\n"
    path = seeds.add("a.md", site.says("/a.md", Answer(note + later(TEXT), kind=KIND)), f"\n{TEXT}")
    run = crawl()
    assert [held["reason"] for held in run.of("a.md")["held_back"]] == ["agent-note"]
    assert body(path.read_text()) == f"\n{later(TEXT)}"


def test_an_address_that_came_to_answer_html_rewrites_nothing_and_says_so_once(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    answers = [Answer(TEXT, kind=KIND), Answer(html()), Answer(html("<meta name=x content=y>"))]
    path = seeds.add("a.md", site.says("/a.md", *answers))
    crawl()
    before = path.read_bytes()
    first, second = crawl(), crawl()
    assert (first.outcomes, second.outcomes) == ({"a.md": "unchanged"}, {"a.md": "unchanged"})
    assert path.read_bytes() == before
    assert "HTML now" in first.of("a.md")["detail"]
    assert not second.of("a.md")["detail"]


# --- Markdown beside HTML ---


def offered(site: Site, how: str, page: str, text: str) -> str:
    """The address of a page that offers its Markdown in one of the ways."""
    kind = "text/markdown"
    if how == "accept":
        return site.says("/a", Answer(page, markdown=text))
    site.says("/raw/a.md", Answer(text, kind=KIND))
    if how == "header":
        link = {"Link": f'</style.css>; rel=preload, </raw/a.md>; rel="alternate"; type="{kind}"'}
        return site.says("/a", Answer(page, headers=link))
    if how == "tag":
        return site.says("/a", page.replace("</title>", f"</title><link rel=alternate type='{kind}' href='/raw/a.md'>"))
    site.says("/a.md", Answer(text, kind=KIND))
    return site.says("/a", page.replace("</main>", "<a href='/a.md'>Source</a></main>"))


WAYS = ["accept", "header", "tag", "sibling"]


@pytest.mark.parametrize("how", WAYS)
def test_a_page_whose_markdown_agrees_is_read_from_it_and_no_block_is_rewritten(
    site: Site, seeds: Seeds, crawl: Crawl, how: str
) -> None:
    path = seeds.add("a.md", offered(site, how, html(), TEXT), IMPORTED)
    before = path.read_bytes()
    assert crawl(REFRESH_PREFER="markdown").outcomes == {"a.md": "unchanged"}
    assert path.read_bytes() == before
    # From now on its Markdown is believed, also where the HTML shows another change of its own.
    offered(site, how, html().replace("Dogs", "Cats"), later(TEXT))
    assert crawl(REFRESH_PREFER="markdown").outcomes == {"a.md": "changed"}
    assert body(path.read_text()) == later(IMPORTED)
    assert crawl(REFRESH_PREFER="markdown").outcomes == {"a.md": "unchanged"}


@pytest.mark.parametrize("how", WAYS)
def test_a_change_that_only_one_of_the_two_shows_waits(site: Site, seeds: Seeds, crawl: Crawl, how: str) -> None:
    path = seeds.add("a.md", offered(site, how, html(), later(TEXT)), IMPORTED)
    before = path.read_bytes()
    run = crawl(REFRESH_PREFER="markdown")
    assert run.outcomes == {"a.md": "unchanged"}
    (held,) = run.of("a.md")["held_back"]
    assert (held["reason"], "half hour" in held["added"]) == ("representation", True)
    assert path.read_bytes() == before
    offered(site, how, later(html()), later(TEXT))
    assert crawl(REFRESH_PREFER="markdown").outcomes == {"a.md": "changed"}
    assert body(path.read_text()) == later(IMPORTED)


def test_a_new_seed_is_filled_with_markdown_that_agrees(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    path = seeds.add("a.md", site.says("/a", Answer(html(), markdown=TEXT)))
    assert crawl(REFRESH_PREFER="markdown").outcomes == {"a.md": "filled"}
    assert body(path.read_text()) == f"\n{TEXT}"


def test_and_with_html_where_the_markdown_is_another_text(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    stub = "# Winter timetable\n\nPlease open this page in a browser to read it.\n"
    path = seeds.add("a.md", site.says("/a", Answer(html(), markdown=stub)))
    run = crawl(REFRESH_PREFER="markdown")
    assert run.outcomes == {"a.md": "filled"}
    assert "The ferry leaves" in path.read_text()
    (held,) = run.of("a.md")["held_back"]
    assert "browser" in held["added"]
    assert "ferry" in held["removed"]


def test_what_one_representation_was_told_does_not_spare_a_look_at_the_other(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    says = Answer(html(), markdown=TEXT, headers={"ETag": '"1"'})
    seeds.add("a.md", site.says("/a", says), IMPORTED)
    assert crawl().why("a.md") == ("unchanged", "")
    assert crawl(REFRESH_PREFER="markdown").why("a.md") == ("unchanged", "")
    assert crawl(REFRESH_PREFER="markdown").why("a.md") == ("unchanged", "same-bytes")
    assert crawl().why("a.md") == ("unchanged", "")


def test_markdown_of_another_host_is_not_asked_for(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    site.says("/a.md", Answer(later(TEXT), kind=KIND), host="127.0.0.9")
    link = f"<link rel=alternate type=text/markdown href='{site.url('/a.md', '127.0.0.9')}'>"
    seeds.add("a.md", site.says("/a", html(link)), IMPORTED)
    assert crawl(REFRESH_PREFER="markdown").outcomes == {"a.md": "unchanged"}
    assert "127.0.0.9" not in {host for host, _ in site.asked}


def test_nothing_is_asked_for_that_is_not_preferred(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    for how in WAYS:
        seeds.add("a.md", offered(site, how, html(), later(TEXT)), IMPORTED)
        assert crawl().outcomes == {"a.md": "unchanged"}
    assert set(site.pages_asked()) == {"/a"}


# --- links between seeds ---


def linked(first: str, second: str = "") -> str:
    return TEXT.replace("old harbour", f"[old harbour]({first})") + (f"\n[More]({second})\n" if second else "")


def test_new_links_to_pages_that_are_seeds_become_paths_on_wish(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("Places/old harbour.md", site.says("/places/harbour", html()), IMPORTED)
    url = site.says("/lines/a.md", Answer(linked("/places/harbour#quay", "/places/none"), kind=KIND))
    path = seeds.add("Lines/a.md", url, f"\n{TEXT}")
    before = path.read_bytes()
    assert crawl("dry_run=true").outcomes["Lines/a.md"] == "changed"
    crawl("localise=true")
    assert body(path.read_text()) == "\n" + linked("../Places/old%20harbour.md#quay", "/places/none")
    assert crawl(SEEDS_LINKS="local").outcomes["Lines/a.md"] == "unchanged"
    path.write_bytes(before)
    crawl(SEEDS_LINKS="local")
    assert "../Places/old%20harbour.md#quay" in path.read_text()


def test_so_do_those_of_html_and_links_in_code_and_old_ones_do_not(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    harbour = site.says("/places/harbour", html())
    seeds.add("harbour.md", harbour, IMPORTED)
    old = html().replace("Dogs", f"<a href='{harbour}'>Dogs</a>")
    added = f"<p>There is more about <a href='/places/harbour'>the quay</a>.</p><pre><code>[x]({harbour})</code></pre>"
    new = old.replace("</ul>", f"</ul>{added}")
    path = seeds.add("a.md", site.says("/a", new), IMPORTED.replace("Dogs", f"[Dogs]({harbour})"))
    assert crawl("localise=true").outcomes["a.md"] == "changed"
    assert "about [the quay](harbour.md)." in path.read_text()
    assert f"[Dogs]({harbour})" in path.read_text()
    assert f"[x]({harbour})" in path.read_text()


def test_a_link_to_a_seed_of_another_page_gives_way_and_one_to_the_same_page_stays(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    for name in ("one", "two"):
        seeds.add(f"{name}.md", site.says(f"/{name}", html()), IMPORTED)
    path = seeds.add(
        "a.md", site.says("/a.md", Answer(linked("/two", "/two/"), kind=KIND)), "\n" + linked("one.md", "two.md")
    )
    assert crawl().outcomes["a.md"] == "changed"
    assert body(path.read_text()) == "\n" + linked("/two", "two.md")


def test_a_setting_of_no_sense_is_refused(crawl: Crawl) -> None:
    for name in ("REFRESH_PREFER", "SEEDS_LINKS"):
        with pytest.raises(UsageError, match=name):
            crawl(**{name: "both"})
