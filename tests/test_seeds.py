"""Seeds keep every character that an edit is not about, and bad ones are refused with a reason."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fetcher.seeds import frontmatter, frontmatter_edit, seeds
from fetcher.seeds.seeds import Seed
from fetcher.terms.failures import SeedError

WHEN = datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)
URL = "https://example.org/a?b=c&d#e"
PLAIN = f"---\nsource_url: {URL}\n---\nBody\n"

STAMPS = st.sampled_from(
    [
        'fetched_at: "2026-02-08T23:10:01Z"',
        "fetched_at: '2026-02-08T23:10:01.000001Z'",
        "fetched_at: 2026-02-08T23:10:01Z",
        "fetched_at: 2026-02-08 # when it was fetched",
        "fetched_at: Sat, 07 Feb 2026 02:58:22 GMT",
        "fetched_at:   2026-02-08 23:10:01   ",
        '"fetched_at": 2026-02-08T23:10:01+02:00',
        "fetched_at : 2026-02-08",
        "fetched_at: !!str 2026-02-08",
        "fetched_at: &when 2026-02-08",
        "fetched_at: |\n  2026-02-08",
        "fetched_at:\n  2026-02-08",
        "fetched_at: 2026-13-45",
        "fetched_at: yesterday",
        "fetched_at:",
        "fetched_at: # nothing",
        "fetched_at: ~",
        "fetched_at: [2026-02-08]",
        "fetched_at: 12",
        "",
    ]
)
TITLES = st.sampled_from(
    [
        'title: "Safer \\\\ \\"AI\\" \\u00e9"',
        "title: 'It''s'",
        "title: A plain title # not this",
        "title: 'over\n  two lines'",
        "title: >-\n  folded\n  text",
        "title: |\n  kept\n\n  ---\n  text\n",
        "title: 2026-02-08",
        "title:",
        "",
    ]
)
OTHERS = st.lists(
    st.sampled_from(
        [
            "tags: [a, 'b: c', \"#d\"]",
            "tags:\n- a\n- b",
            "tags:\n  - a # one\n  # two\n  - b",
            'last_modified: "Sat, 07 Feb 2026 02:58:22 GMT"',
            "# a comment: with a colon",
            "code: 007",
            "text: 'a --- b'",
            "block: |\n  fetched_at: 1999-01-01\n  ---\n  more",
            "base: &base {fetched: 2026-02-08, n: .nan}",
            "again: [1, 1]",
            'category: "19-Reference"',
            "",
        ]
    ),
    unique=True,
    max_size=5,
)
BODIES = st.one_of(
    st.just(""),
    st.text(),
    st.sampled_from(
        ["\n", "\n# Title\n\nText", "---\nfetched_at: no\n---\n", "\ufeff", "\x00\x0c\u2028", "\r\n\r\r\n"]
    ),
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """The text of a seed file, with everything that was ever seen in one."""
    blocks = [f"source_url: {URL}", draw(STAMPS), draw(TITLES), *draw(OTHERS)]
    yaml_text = "\n".join(draw(st.permutations(blocks)))
    opening, closing = draw(st.sampled_from([("---", "---"), ("--- ", "---\t"), ("---", "...")]))
    head = f"{opening}\n{yaml_text}\n{closing}\n".replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    body = draw(BODIES)
    bom = draw(st.sampled_from(["", "\ufeff"]))
    return bom + (head + body if body or draw(st.booleans()) else head.rstrip("\r\n"))


def parsed(text: str) -> Seed:
    seed = seeds.parse(text)
    assert seed is not None
    return seed


def without(fields: Mapping[str, object], key: str) -> str:
    return repr({name: value for name, value in fields.items() if name != key})  # repr: not-a-number equals nothing


def changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines between the common head and the common tail of two texts."""
    before, after = re.split("(?<=\n)", old), re.split("(?<=\n)", new)
    while before and after and before[0] == after[0]:
        del before[0], after[0]
    while before and after and before[-1] == after[-1]:
        del before[-1], after[-1]
    return before, after


@given(files())
def test_a_seed_rendered_with_its_own_body_is_its_file(text: str) -> None:
    seed = parsed(text)
    assert seeds.render(seed, seed.body) == seed.text == text


@given(files(), st.text())
def test_another_body_leaves_the_front_matter_as_it_is(text: str, body: str) -> None:
    seed = parsed(text)
    assert parsed(seeds.render(seed, body)).body == body
    assert seeds.render(seed, body).startswith(text[: seed.front.span.body])


@given(files())
def test_a_stamp_changes_one_line_or_adds_one_at_the_end(text: str) -> None:
    seed = parsed(text)
    stamped = seeds.stamp(seed, WHEN)
    removed, added = changed_lines(text, stamped.text)
    assert len(added) == 1
    assert len(removed) == ("fetched_at" in seed.front.fields)
    if not removed:
        assert stamped.text[: stamped.front.span.end].endswith(added[0])
    assert stamped.fetched_at is not None
    assert stamped.fetched_at.date() == WHEN.date()


@given(files())
def test_a_stamp_leaves_every_other_key_and_the_body(text: str) -> None:
    seed = parsed(text)
    stamped = seeds.stamp(seed, WHEN)
    assert without(stamped.front.fields, "fetched_at") == without(seed.front.fields, "fetched_at")
    assert stamped.body == seed.body
    assert (stamped.url, stamped.title) == (seed.url, seed.title)


@given(files())
def test_stamping_again_with_the_same_time_changes_nothing(text: str) -> None:
    stamped = seeds.stamp(parsed(text), WHEN)
    assert seeds.stamp(stamped, WHEN) == stamped


@given(
    files(), st.one_of(st.text(min_size=1), st.sampled_from(["404", "null", "- a", "a: b # c", "'", '"\\', "😀\n\x07"]))
)
def test_any_title_is_written_so_that_it_reads_again(text: str, title: str) -> None:
    seed = parsed(text)
    after = seeds.set_title(seed, title)
    assert after.title == ((seed.title and title.strip()) or seed.title)
    assert without(after.front.fields, "title") == without(seed.front.fields, "title")
    assert after.body == seed.body


@given(files())
def test_both_loaders_read_the_same(text: str) -> None:
    few = frontmatter.read(text)
    many = frontmatter.read(text.replace("\n", "\n# " + "-" * 201 + "\n", 1))
    assert few is not None
    assert many is not None
    assert repr(many.fields) == repr(few.fields)


@given(files())
def test_another_address_changes_no_other_key(text: str) -> None:
    seed = parsed(text)
    after = seeds.set_url(seed, "https://example.com/new")
    assert after.url == "https://example.com/new"
    assert len(changed_lines(text, after.text)[1]) == 1
    assert without(after.front.fields, "source_url") == without(seed.front.fields, "source_url")


@given(st.one_of(st.text(), st.text("-\n\r :&*!|>'\"[]{}#ab<\ufeff").map(lambda text: f"---\n{text}\n---\n")))
def test_no_text_is_too_odd_to_be_parsed_or_refused(text: str) -> None:
    error = seed = None
    try:
        seed = seeds.parse(text)
    except SeedError as raised:
        error = raised
    assert error is None or (error.reason and error.detail.endswith(".") and error.mend.endswith("."))
    assert seed is None or seeds.render(seed, seed.body) == text


@pytest.mark.parametrize(
    ("value", "stamped"),
    [
        (' "2026-02-08T23:10:01Z"', ' "2026-03-01T04:05:06Z"'),
        (" '2026-02-08'  # day", " '2026-03-01'  # day"),
        (" 2026-02-08 23:10:01", " 2026-03-01 04:05:06"),
        (" !!str 2026-02-08", " !!str 2026-03-01"),
        (" &when 2026-02-08", " &when 2026-03-01"),
        (" >-\n  2026-02-08", " >-\n  2026-03-01"),
        (" Sat, 07 Feb 2026 02:58:22 GMT", " Sun, 01 Mar 2026 04:05:06 GMT"),
        (" long ago", " 2026-03-01T04:05:06Z"),
        ("", " 2026-03-01T04:05:06Z"),
        (" # none", " 2026-03-01T04:05:06Z # none"),
        ("\n- 1 # a list\n# what follows", " 2026-03-01T04:05:06Z # a list\n# what follows"),
    ],
)
def test_a_stamp_keeps_the_form_quotes_and_comments_of_the_old_one(value: str, stamped: str) -> None:
    text = PLAIN.replace("---\nBody", "fetched_at:{}\nz: 1\n---\nBody")
    expected = text.format(stamped)
    assert seeds.stamp(parsed(text.format(value)), WHEN).text.replace(":  ", ": ") == expected.replace(":  ", ": ")


def test_a_stamp_is_added_in_the_quotes_line_ends_and_indent_of_the_seed() -> None:
    seed = parsed("\ufeff---\r\n  source_url: 'https://example.org/'\r\n  # end\r\n---\r\n")
    assert seeds.stamp(seed, WHEN).text == seed.text.replace(
        "# end\r\n", "# end\r\n  fetched_at: '2026-03-01T04:05:06Z'\r\n"
    )


def test_of_a_key_given_twice_the_one_that_counts_is_stamped() -> None:
    text = f"---\nfetched_at: 2026-01-01\nsource_url: {URL}\nfetched_at: 2026-02-08\n---\n"
    assert seeds.stamp(parsed(text), WHEN).text == text.replace("2026-02-08", "2026-03-01")


def test_an_alias_is_replaced_and_what_it_refers_to_is_not() -> None:
    text = f"---\ncreated: &when 2026-02-08\nsource_url: {URL}\nfetched_at: *when\n---\n"
    assert seeds.stamp(parsed(text), WHEN).text == text.replace("*when", "2026-03-01")


def test_a_stamp_that_another_key_refers_to_is_not_editable() -> None:
    seed = parsed(f"---\nfetched_at: &when 2026-02-08\ncreated: *when\nsource_url: {URL}\n---\n")
    with pytest.raises(SeedError, match="without changing something else") as caught:
        seeds.stamp(seed, WHEN)
    assert caught.value.reason == "not_editable"


def test_a_key_merged_in_from_elsewhere_is_overruled_not_edited() -> None:
    text = f"---\nbase: &base {{fetched_at: 2026-02-08}}\n<<: *base\nsource_url: {URL}\n---\n"
    assert seeds.stamp(parsed(text), WHEN).text == text.replace("\n---\n", "\nfetched_at: 2026-03-01T04:05:06Z\n---\n")


def test_a_title_keeps_its_quotes_where_they_can_hold_it() -> None:
    for quotes in ("{}", "'{}'", '"{}"', ">-\n  {}"):
        text = PLAIN.replace("---\nBody", f"title: {quotes}\n---\nBody")
        assert seeds.set_title(parsed(text.format("Old one")), "New one").text == text.format("New one")


def test_a_title_is_not_added_where_there_is_none() -> None:
    assert seeds.set_title(parsed(PLAIN), "New").text == PLAIN
    assert seeds.set_title(parsed(PLAIN.replace("---\nB", "title: Old\n---\nB")), " \n").title == "Old"


@pytest.mark.parametrize(
    "text",
    [
        "", "---", "# Title\n", "text\n---\nsource_url: https://example.org\n---\n", "---\n---\n",
        "---\n# comment\n---\n",
        "---\ntitle: x\n---\n", " ---\nsource_url: https://example.org\n---\n", "----\nsource_url: https://a.b\n----\n",
        "---\n\nA text under a thematic break.\n", "---\nbody: |\n  source_url: https://example.org/\n---\n",
    ],
)  # fmt: skip
def test_a_file_without_front_matter_or_address_is_no_seed(text: str) -> None:
    assert seeds.parse(text) is None


@pytest.mark.parametrize(
    "value",
    [
        "", "~", "''", "ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "example.org", "/path",
        "'https:'",
        "https://", "https:///path", "'https://exam ple.org/'", '"https://example.org/\\nx"', '"https://example.org/\\0x"',
        "https://example.org:port/", "https://example.org:99999/", "https://example.org:0/", "https://[::1/",
        "https://[x]/",
        "[https://example.org]", "{a: https://example.org}", "7", "true", "2026-02-08", 'https://example.org\\@evil.org/',
        "https://<host>/", "http://a..b/", "http://.a/", f"http://{'a' * 64}.org/", f"http://{'a.' * 127}org/",
        "https://xn--99999999999.org/", '"https://example.org/\\u2028x"',
    ],
)  # fmt: skip
def test_a_source_url_that_is_no_address_is_an_error_of_its_own(value: str) -> None:
    with pytest.raises(SeedError) as caught:
        seeds.parse(f"---\nsource_url: {value}\n---\n")
    assert caught.value.reason == "source_url"
    assert "https://" in caught.value.mend


@pytest.mark.parametrize(
    "url",
    [
        "http://a",
        "HTTPS://Example.org/",
        "https://bücher.example/ä",
        "http://[::1]:8080/",
        "http://a.b.:1/@me",
        "https://xn--bcher-kva.example/",
        "http://a_b/",
    ],
)
def test_any_http_address_is_a_source_url(url: str) -> None:
    assert parsed(f"---\nsource_url: {url}\n---\n").url == url


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("title: a: b", "line 3"),
        ("title: [", "no valid YAML"),
        ("title: 'x", "no valid YAML"),
        ("\ttitle: x", "line 3"),
        ("title: \x07", "U+0007"),
        ("? [a]\n: b", "unhashable"),
        ("title: !ruby/object x", "constructor"),
        ("title: !!int x", "no valid YAML"),
        ("title: " + "9" * 5000, "no valid YAML"),
        ("--- x", "no valid YAML"),
    ],
)
def test_front_matter_that_is_no_yaml_is_an_error_that_says_where(head: str, says: str) -> None:
    with pytest.raises(SeedError, match=re.escape(says)) as caught:
        seeds.parse(f"---\nsource_url: {URL}\n{head}\n---\n")
    assert caught.value.reason == "front_matter"
    assert caught.value.mend.endswith("Put a value that has a colon in it, or a sign at its start, in quotes.")


@pytest.mark.parametrize(("value", "says"), [("", "it is empty"), ("~", "it is empty"), ("[a]", "it is not text")])
def test_an_address_that_is_missing_is_empty_and_not_of_another_kind(value: str, says: str) -> None:
    with pytest.raises(SeedError, match=says):
        seeds.parse(f"---\nsource_url: {value}\n---\n")


@pytest.mark.parametrize("head", ["- a", "text", "7", "[a]"])
def test_front_matter_that_is_no_mapping_is_an_error(head: str) -> None:
    with pytest.raises(SeedError, match="no list of keys and values"):
        seeds.parse(f"---\n{head}\n---\n")


def test_front_matter_without_an_end_is_an_error_where_it_was_meant_as_such() -> None:
    with pytest.raises(SeedError, match="not closed"):
        seeds.parse(f"---\nsource_url: {URL}\n" + "text\n" * 400_000)
    with pytest.raises(SeedError, match=r"^The front matter is not closed\.$"):
        seeds.parse(f"---\nsource_url: {URL}\ntext\n")
    with pytest.raises(SeedError, match="not closed within"):
        seeds.parse(f"---\nsource_url: {URL}\n" + "a: b\n" * 20_000 + "---\n")


BOMB = "\n".join(f"k{i}: &k{i} [{', '.join([f'*k{i - 1}'] * 9)}]" for i in range(1, 20))
MERGES = "\n".join(f"k{i}: &k{i} {{<<: [{', '.join([f'*k{i - 1}'] * 9)}]}}" for i in range(1, 20))


@pytest.mark.parametrize(
    "head",
    [
        f"k0: &k0 [x]\n{BOMB}",
        f"k0: &k0 {{x: y}}\n{MERGES}",
        "k: &k [*k]",
        "k: " + "[" * 20_000,
        "k: " + "{a: " * 10_000,
        "- " * 20_000,
        "k: [" + "a, " * 15_000 + "]",
    ],
    ids=["aliases", "merges", "circle", "brackets", "braces", "dashes", "values"],
)
def test_hostile_front_matter_is_refused(head: str) -> None:
    with pytest.raises(SeedError) as caught:
        seeds.parse(f"---\nsource_url: {URL}\n{head}\n---\n")
    assert caught.value.reason == "front_matter"


@pytest.mark.parametrize("raw", ["é".encode("latin-1"), "é".encode("utf-16"), b"\xff", b"ok\x80"])
def test_a_wrong_encoding_is_an_error_that_says_so(raw: bytes) -> None:
    with pytest.raises(SeedError, match="not UTF-8") as caught:
        seeds.decode(raw)
    assert (caught.value.reason, caught.value.mend) == ("encoding", "Save the file as UTF-8.")


@given(st.text())
def test_a_file_in_utf8_is_decoded_to_the_byte(text: str) -> None:
    assert seeds.decode(text.encode()).encode() == text.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_front_matter_is_recognised_in_any_encoding_so_that_a_wrong_one_is_reported(encoding: str) -> None:
    assert frontmatter.opens(PLAIN.encode(encoding))
    assert not frontmatter.opens("# Größe".encode(encoding))


@given(st.text())
def test_a_value_in_double_quotes_is_read_by_any_yaml_reader(value: str) -> None:
    assert yaml.safe_load(frontmatter_edit.double_quoted(value)) == value


def test_a_page_is_the_address_without_its_fragment() -> None:
    assert seeds.page_url(URL) == "https://example.org/a?b=c&d"


def test_line_ends_of_an_old_machine_are_kept_too() -> None:
    seed = parsed(PLAIN.replace("\n", "\r"))
    assert seed.body == "Body\r"
    assert seeds.stamp(seed, WHEN).text == seed.text.replace("\r---\rB", "\rfetched_at: 2026-03-01T04:05:06Z\r---\rB")
