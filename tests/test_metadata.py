"""What a page says of itself: which of its words are believed, and what hostile ones cost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.page import metadata, page
from fetcher.run import arguments
from fetcher.seeds.seeds import DEFAULT_KEYS, Seed, parse
from fetcher.terms.arguments import UsageError
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import METADATA_NAMES
from fetcher.visits.results import with_page_fields
from tests.site import page as html_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

URL = "https://example.org/news/one?from=mail"
OLD = "The page says one thing, at some length, so that it can be told apart from others.\nAnd another."
NEW = OLD.replace("another", "something new")


def said(head: str, body: str = "", *, lang: str = "", **headers: str) -> dict[str, str]:
    text = f"<!doctype html><html lang='{lang}'><head>{head}</head><body>{body}</body></html>"
    return dict(
        metadata.metadata(page.parse(text, URL), {name.replace("_", "-"): text for name, text in headers.items()})
    )


def stated(*things: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(thing)}</script>' for thing in things)


def meta(**contents: str) -> str:
    return "".join(f'<meta property="article:{name}_time" content="{text}">' for name, text in contents.items())


def test_what_is_not_known_is_left_out() -> None:
    assert said("<title>A page</title>") == {}


# --- the canonical address ---


@pytest.mark.parametrize(
    ("head", "address"),
    [
        ('<link rel="canonical" href="/news/one">', "https://example.org/news/one"),
        ('<link rel="shortlink CANONICAL" href=" //example.org/a#part ">', "https://example.org/a"),
        ('<base href="https://other.example/x/"><link rel="canonical" href="one">', "https://other.example/x/one"),
        ('<meta property="og:url" content="https://example.org/b">', "https://example.org/b"),
        ('<meta property="og:url" content="/b"><link rel="canonical" href="/a">', "https://example.org/a"),
        ('<link rel="canonical" href="http://["><meta property="og:url" content="/b">', "https://example.org/b"),
    ],
)
def test_the_canonical_address_is_the_first_good_one_resolved_and_without_its_fragment(head: str, address: str) -> None:
    assert said(head)["canonical"] == address


@pytest.mark.parametrize(
    "href", ["", " ", "javascript:alert(1)", "mailto:a@b.example", "ftp://b.example", "/a b", "/" + "a" * 3000]
)
def test_what_is_no_http_address_is_not_canonical(href: str) -> None:
    assert "canonical" not in said(f'<link rel="canonical" href="{href}">')


# --- the language ---


@pytest.mark.parametrize(
    ("head", "lang", "header", "language"),
    [
        ("", "de", "fr", "de"),
        ("", "pt_BR", "", "pt-BR"),
        ('<meta http-equiv="Content-Language" content="nl">', "", "fr", "nl"),
        ('<meta property="og:locale" content="en_GB">', "und", "", "en-GB"),
        ("", "", "fr-CA", "fr-CA"),
    ],
)
def test_the_language_is_told_by_the_page_before_its_server(head: str, lang: str, header: str, language: str) -> None:
    assert said(head, lang=lang, content_language=header)["language"] == language


@pytest.mark.parametrize("text", ["en, fr", "English", "x-default", "und", "{{ lang }}"])
def test_what_names_no_one_language_is_none(text: str) -> None:
    assert "language" not in said("", lang=text, content_language=text)


# --- dates ---


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-03-01", "2026-03-01"),
        ("1 March 2026", "2026-03-01"),
        ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        ("2026-03-01T23:30:00-05:00", "2026-03-02T04:30:00Z"),
        ("Sun, 01 Mar 2026 04:05:06 GMT", "2026-03-01T04:05:06Z"),
    ],
)
def test_a_day_stays_a_day_and_a_moment_is_told_in_utc(text: str, date: str) -> None:
    assert said(meta(published=text))["published"] == date


@pytest.mark.parametrize(
    "text", ["03/04/2026", "3.4.26", "1772323200", "2026-03", "soon", "0001-01-01T00:00:00Z", "1970-01-01"]
)
def test_what_leaves_the_day_open_or_is_the_zero_of_a_clock_is_no_date(text: str) -> None:
    assert said(meta(published=text, modified=text)) == {}


def test_json_ld_is_believed_before_meta_and_meta_before_time() -> None:
    time = '<article><time datetime="2026-01-01">then</time></article>'
    metas = meta(published="2026-01-02")
    assert said("", time)["published"] == "2026-01-01"
    assert said(metas, time)["published"] == "2026-01-02"
    assert said(metas + stated({"@type": "Article", "datePublished": "2026-01-03"}), time)["published"] == "2026-01-03"


@pytest.mark.parametrize(
    "thing",
    [
        {"@type": "NewsArticle", "datePublished": "2026-01-03"},
        [{"@type": "Organization"}, {"@type": ["BlogPosting", "Thing"], "datePublished": "2026-01-03"}],
        {
            "@graph": [
                {"@type": "WebPage", "datePublished": "2020-01-01"},
                {"@type": "Article", "datePublished": "2026-01-03"},
            ]
        },
        {"@type": "WebPage", "mainEntity": {"@type": "Article", "datePublished": "2026-01-03"}},
        {
            "@type": "Recipe",
            "datePublished": "2026-01-03",
            "review": {"@type": "Review", "datePublished": "2020-01-01"},
        },
    ],
)
def test_the_thing_that_the_page_is_about_dates_it_and_not_what_it_holds(thing: object) -> None:
    assert said(stated(thing)) == {"published": "2026-01-03"}


def test_things_of_a_kind_that_disagree_are_a_list_which_dates_no_page() -> None:
    listed = [{"@type": "Article", "datePublished": f"2026-01-0{day}"} for day in (1, 2)]
    assert said(stated(*listed)) == {}
    assert said(stated(*listed, {"@type": "CollectionPage", "datePublished": "2025-01-01"})) == {
        "published": "2025-01-01"
    }
    assert said("", '<time datetime="2026-01-01"></time><time datetime="2026-01-02"></time>') == {}


def test_a_time_says_by_its_class_or_property_what_it_is_the_time_of() -> None:
    published = '<time class="entry-date published" datetime="2026-01-01T08:00:00Z"></time>'
    updated = '<time itemprop="dateModified" datetime="2026-01-02"></time>'
    other = '<time datetime="2026-06-30">the event</time>'
    found = said("", published + updated + other)
    assert found == {"published": "2026-01-01T08:00:00Z", "modified": "2026-01-02"}
    assert said("", updated) == {"modified": "2026-01-02"}


def test_the_date_of_the_answer_counts_only_where_nothing_else_is_said_and_never_as_published() -> None:
    header = "Sun, 01 Mar 2026 04:05:06 GMT"
    assert said("", last_modified=header) == {"modified": "2026-03-01T04:05:06Z"}
    assert said(meta(modified="2025-01-01"), last_modified=header) == {"modified": "2025-01-01"}


# --- hostile pages ---


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "7" * 5000,
        "[" * 100_000,
        '{"@graph":' * 100_000,
        '{"@type": {"a": 1}, "datePublished": ["2026-01-01"]}',
        '{"@type": "Article", "datePublished": 20260101}',
        json.dumps({"@type": "Article", "text": "x" * 10_000_000, "datePublished": "2020-01-01"}),
    ],
)
def test_broken_deep_or_endless_json_ld_is_passed_over(text: str) -> None:
    good = stated({"@type": "Article", "dateModified": "2026-01-03"})
    found = said(f'{good}<script type="application/ld+json">{text}</script>')
    assert found == {"modified": "2026-01-03"}


def test_no_more_things_are_looked_at_than_a_page_is_about() -> None:
    endless = {"@graph": [[{"@type": "Thing"}] * 100] * 100}
    assert len(metadata.json_ld_things(page.parse(stated(*[endless] * 3), URL).root)) <= 200


@given(st.text(), st.dictionaries(st.sampled_from(["last-modified", "content-language"]), st.text()))
def test_any_page_with_any_headers_says_only_what_it_may(text: str, headers: dict[str, str]) -> None:
    found = metadata.metadata(page.parse(f'<html lang="{text}">{text}<time datetime="{text}">', URL), headers)
    assert set(found) <= set(METADATA_NAMES)
    assert all(found.values())


# --- the front matter ---


def seed(*lines: str) -> Seed:
    found = parse("\n".join(["---", 'source_url: "https://example.org/a"', *lines, "---", "Text.", ""]))
    assert found
    return found


def test_a_key_that_is_missing_comes_last_and_one_that_is_there_changes_where_it_stands() -> None:
    before = seed("language:   'de' # as it says", "tags: [a]")
    after = with_page_fields(
        before, {"language": "en", "canonical": URL}, {"language": "language", "canonical": "link"}
    )
    assert after.text == before.text.replace("'de'", "'en'").replace("[a]\n", f"[a]\nlink: '{URL}'\n")


def test_a_language_that_yaml_would_read_as_a_truth_value_stays_text() -> None:
    assert (
        with_page_fields(seed("language: de"), {"language": "no"}, {"language": "language"}).front.fields["language"]
        == "no"
    )


@pytest.mark.parametrize(
    "line", ["date: 2026-03-01", "date: '2026-03-01 04:05'", "date: Sun, 01 Mar 2026 04:05:06 GMT"]
)
def test_a_date_that_says_the_same_in_its_own_form_stays(line: str) -> None:
    before = seed(line)
    assert with_page_fields(before, {"published": "2026-03-01T04:05:06Z"}, {"published": "date"}) is before


def test_another_date_takes_the_form_of_the_one_that_is_there() -> None:
    after = with_page_fields(seed("date: 2026-03-01"), {"published": "2026-04-02T04:05:06Z"}, {"published": "date"})
    assert "\ndate: 2026-04-02\n" in after.text


def test_a_title_comes_only_where_there_is_none() -> None:
    fields = {"title": "title"}
    assert 'title: "News: one"' in with_page_fields(seed(), {"title": "News: one"}, fields).text
    mine = seed("title: Mine")
    assert with_page_fields(mine, {"title": "News"}, fields) is mine


def test_a_key_that_cannot_be_edited_in_place_is_refused() -> None:
    with pytest.raises(SeedError):
        with_page_fields(seed("language: &a de", "also: *a"), {"language": "en"}, {"language": "language"})


# --- the setting ---


@pytest.mark.parametrize(
    "text",
    ["canonical, published=date", {"canonical": "canonical", "published": "date"}, ",canonical ,published = date,"],
)
def test_fields_are_a_list_or_a_mapping_of_names_to_keys(text: object) -> None:
    assert arguments.fields(text, DEFAULT_KEYS) == {"canonical": "canonical", "published": "date"}


@pytest.mark.parametrize(
    "text", ["author", "canonical=source_url", "modified=fetched_at", "language=", "language=a: b"]
)
def test_unknown_fields_and_keys_of_our_own_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="SEEDS_FIELDS"):
        arguments.fields(text, DEFAULT_KEYS)


# --- runs ---


def dated(text: str, day: str) -> str:
    return html_page(text).replace("</head>", f'{meta(published=day)}<link rel="canonical" href="/a"></head>')


def test_fields_go_into_rewritten_seeds_and_into_no_others(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    url = site.says("/a", dated(OLD, "2026-01-01"), dated(OLD, "2026-02-02"), dated(NEW, "2026-03-03"))
    path = seeds.add("a.md", url)
    fields = "canonical=link,language,published"
    crawl()
    filled = path.read_text()
    assert crawl(SEEDS_FIELDS=fields).outcomes == {"a.md": "unchanged"}
    assert path.read_text() == filled
    assert crawl(SEEDS_FIELDS=fields).outcomes == {"a.md": "changed"}
    front = path.read_text().partition("\n---\n")[0]
    assert front.endswith(f'\ntitle: "A page"\nlink: "{url}"\nlanguage: "en"\npublished: "2026-03-03"')


def test_by_default_a_refresh_adds_no_keys_and_the_report_has_them(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    url = site.says("/a", dated(OLD, "2026-01-01"), dated(NEW, "2026-03-03"))
    path = seeds.add("a.md", url)
    crawl()
    run = crawl()
    assert run.of("a.md")["page"] == {"canonical": url, "language": "en", "published": "2026-03-03"}
    assert [line.partition(":")[0] for line in path.read_text().splitlines()[1:4]] == [
        "fetched_at",
        "source_url",
        "title",
    ]
    assert path.read_text().splitlines()[4] == "---"


def test_a_page_that_was_not_read_says_nothing(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.url("/missing"))
    assert crawl().of("a.md")["page"] == {}


def test_what_two_fetches_agree_on_is_written_with_what_the_page_says(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    changed = [dated(f"{NEW}\nA quote of the day: {quote}", "2026-03-03") for quote in ("carpe diem", "festina lente")]
    path = seeds.add("a.md", site.says("/a", dated(OLD, "2026-01-01"), *changed))
    crawl()
    run = crawl(SEEDS_FIELDS="published")
    assert run.of("a.md")["page"]["published"] == "2026-03-03"
    assert 'published: "2026-03-03"' in path.read_text()
