"""Links compare by what they lead to, and change in place."""

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fetcher.markdown.dialect import DEFAULT
from fetcher.markdown.links import link_target as written
from fetcher.markdown.reading.blocks import parse
from fetcher.page.links import current_targets, is_local, replace_targets, target

BASE = "https://example.org/guide/page"


@pytest.mark.parametrize(
    "link",
    [
        "/a?b=1&c=2",
        "../a?b=1&c=2",
        "//EXAMPLE.org/a?c=2&b=1",
        "https://example.org/a?b=1&c=2&utm_source=mail&fbclid=x",
        "https://example.org/a;jsessionid=1F2E?b=1&c=2",
        "https://example.org/a?b=1&c=2&X-Amz-Signature=abc&X-Amz-Date=2026",
        " https://example.org/%61?b=1&c=2 ",
    ],
)
def test_ways_to_write_one_target(link: str) -> None:
    """Relative or absolute, tracked, signed or encoded: it leads to the same."""
    assert target(link, BASE) == "https://example.org/a?b=1&c=2"


def test_drawn_numbers_are_alike() -> None:
    """A hash in an address is drawn anew at every build, and leads to the same; a page's own number does not."""
    one, other = (f"/app.{digest}.js" for digest in ("0123456789abcdef01", "fedcba98765432100f"))
    assert target(one, BASE) == target(other, BASE)
    assert target("/issue/12345", BASE) != target("/issue/12346", BASE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/src/dock.rs.html#41-46", "/src/dock.rs.html#40-45"),
        ("https://code.example/t/blob/main/a.ts#L41", "https://code.example/t/blob/main/a.ts#L42-L50"),
        ("https://code.example/t/blob/1a2b3c4/a.ts", "https://code.example/t/blob/9f8e7d6c5b/a.ts"),
        ("#id1465", "#id1466"),
        ("#tab-x7Kd9m", "#tab-x4Kd2m"),
        ("#each-table-name", "#Each_tablename"),
    ],
)
def test_what_programs_count_or_draw_is_no_other_target(one: str, other: str) -> None:
    """Lines of source, versions of a file and numbered places are anew at every build."""
    assert target(one, BASE) == target(other, BASE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("#fees", "#prices"),
        ("/v1/a", "/v2/a"),
        ("/t/blob/main/a.ts", "/t/blob/next/a.ts"),
        ("/item/1234567/a", "/item/7654321/a"),
    ],
)
def test_what_people_name_is_another_target(one: str, other: str) -> None:
    assert target(one, BASE) != target(other, BASE)


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "%20"])
def test_only_what_browsers_take_off_an_address_is_no_part_of_it(space: str) -> None:
    """They leave spaces that do not break, and those that are encoded, where they stand."""
    there = written(f" /quay{space}\t", BASE, DEFAULT)
    assert there == f"https://example.org/quay{space if space == '%20' else quote(space)}"
    assert target(f"/quay{space}\n", BASE) == target(there or "", BASE) != target("/quay", BASE)


@given(st.text(max_size=20))
@example("quay%20")
@example("0\x08?")
def test_no_link_is_too_strange(link: str) -> None:
    """Every string has a target, and a target is its own target."""
    assert target(target(link, BASE), BASE) == target(link, BASE)


_ORIGINS = ["", "https://a.org", "https://A.org", "http://a.org:80"]
_PIECES = ["/", "a", "b1", "..", ".", "//", "-", "x.html", "0a1b2c3d", "%41", "é", "A" * 9 + "b1" * 8]


@given(
    st.sampled_from(_ORIGINS),
    st.lists(st.sampled_from(_PIECES), max_size=5),
    st.sampled_from(["", "#b", "#b-2", "#12a34"]),
)
def test_a_link_that_needs_no_parsing_has_the_target_that_parsing_gives(
    origin: str, pieces: list[str], place: str
) -> None:
    """A parameter for tracking, which is no part of the target, makes it a link that has to be parsed."""
    link = "/".join([origin, "".join(pieces)]) if origin else "".join(pieces)
    for base in ("https://a.org", "https://A.org/b/../c", "https://a.org/b/c#d", "https://a.org/0a1b2c3d/e"):
        if link:
            assert target(f"{link}{place}", base) == target(f"{link}?utm_id=1{place}", base)


def test_links_to_other_files_of_the_folder_are_local() -> None:
    """What leads to a Markdown file beside this one is the importer's work."""
    assert is_local("other.md")
    assert is_local("../a/other.md#part")
    assert not is_local("/other.md")
    assert not is_local("https://example.org/other.md")
    assert not is_local("#part")


def test_only_what_leads_elsewhere_is_followed() -> None:
    """A link that leads to the same, and a local one, stay as they are written."""
    assert current_targets(["https://x.example/a"], ["/a/"], "https://x.example/") == [("https://x.example/a",) * 2]
    old, new = ["/a", "b.md", "/c"], ["https://example.org/a", "/b", "/d"]
    assert current_targets(old, new, BASE) == [("/a", "/a"), ("b.md", "b.md"), ("/c", "/d")]


def test_another_number_of_links_tells_nothing() -> None:
    """A body that left links out is not told where its others lead."""
    assert current_targets(["/a"], ["/b", "/c"], BASE) == []


@pytest.mark.parametrize(
    ("source", "old", "new", "expected"),
    [
        ("[a](/x) [b](/x)", ["/x", "/x"], ["/x", "/y"], "[a](/x) [b](/y)"),
        ("[a](</x y>)", ["/x y"], ["/z"], "[a](</z>)"),
        ('[a](/x "t")', ["/x"], ["/y"], '[a](/y "t")'),
        ("[a](/x?a=1&amp;b=2)", ["/x?a=1&b=2"], ["/y"], "[a](/y)"),
        (r"[a](/x\_y)", ["/x_y"], ["/z"], "[a](/z)"),
        ("<http://a.b/> [b](/x)", ["http://a.b/", "/x"], ["http://a.b/", "/y"], "<http://a.b/> [b](/y)"),
        ("[a](/x)", ["/other"], ["/y"], "[a](/x)"),
        ("[a](/x)", ["/x"], ["/y)z"], "[a](/y%29z)"),
    ],
)
def test_targets_change_in_place(source: str, old: list[str], new: list[str], expected: str) -> None:
    """Only the target changes: each in its place, however it is written; one that is not found is left."""
    assert replace_targets(source, list(zip(old, new, strict=True))) == expected


def test_relinked_source_has_the_new_links() -> None:
    """What was written is what is read."""
    source = "[a](/x(1)) and [b](/x(1))\n"
    links = parse(source).blocks[0].links
    assert parse(replace_targets(source, [(links[0], links[0]), (links[1], "/n?a=1&b=2")])).blocks[0].links == [
        "/x(1)",
        "/n?a=1&b=2",
    ]
