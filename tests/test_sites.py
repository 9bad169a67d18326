"""`sites.yaml`: what can stand in it, what its errors say, and what its rules do to a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import html

from fetcher.merge.held_back import Past
from fetcher.merge.refresh import refresh_page
from fetcher.page.page import parse as page_of
from fetcher.sites.reading import KEYS, parse, read, trial_rules
from fetcher.sites.rules import NO_RULES, PageRules, Sites, page_rules
from fetcher.sites.trimming import ChangedWords, Ignored, trimmed
from fetcher.terms.arguments import UsageError
from tests.conftest import ROOT

PLACE = Path("sites.yaml")

# Rule by rule what is wrong, in which line, and what the error says of it.
FAULTS = {
    "unknown key": ("- host: a.org\n  selct: p", 2, "unknown key `selct`; known are host, path, select"),
    "unknown time to render": ("- host: a.org\n  render: sometimes", 2, "none of always, auto, never"),
    "steps of nobody": ("- host: a.org\n  steps: scroll", 2, "write `render: auto` or `always`"),
    "steps of no browser": ("- host: a.org\n  render: never\n  steps: scroll", 3, "write `render: auto` or `always`"),
    "unknown step": ("- host: a.org\n  render: auto\n  steps: [scroll, press .x]", 3, "'press .x' is none of `click"),
    "click on nothing": ("- host: a.org\n  render: auto\n  steps: click", 3, "'click' is none of `click"),
    "scroll to somewhere": ("- host: a.org\n  render: auto\n  steps: scroll .x", 3, "'scroll .x' is none of"),
    "click on no selector": ("- host: a.org\n  render: auto\n  steps: 'click p >'", 3, "'p >' is no CSS selector"),
    "a long step": (f"- host: a.org\n  render: auto\n  steps: wait text {'x' * 300}", 3, "longer than 200 signs"),
    "many steps": (f"- host: a.org\n  render: auto\n  steps: [{', '.join(['scroll'] * 11)}]", 3, "more than 10"),
    "no list": ("host: a.org\nselect: p", 1, "has to be a list of rules"),
    "no rule": ("- a.org", 1, "a rule has to be keys with values"),
    "no host": ("- select: p", 1, "a rule needs a `host`"),
    "nothing said": ("- host: a.org\n  path: /x", 1, "says nothing"),
    "twice": ("- host: a.org\n  select: p\n  select: q", 3, "`select` stands twice"),
    "one line": ("[{host: a.org, delay: 1}, {host: b.org, delay: 1}]", 1, "two rules stand on one line"),
    "no YAML": ("- host: 'a.org", 1, "is no YAML"),
    "no YAML, further down": ("- host: a.org\n  select: [p\n- x: }", 3, "is no YAML"),
    "a whole address": ("- host: https://a.org/x\n  delay: 1", 1, "is no host"),
    "a path from nowhere": ("- host: a.org\n  path: guide/*\n  select: p", 2, "does not begin with /"),
    "bad selector": ("- host: a.org\n  select: 'p >'", 2, "'p >' is no CSS selector"),
    "second of several": ("- host: a.org\n  remove:\n    - p\n    - '..x'", 4, "'..x' is no CSS selector"),
    "pseudo element": ("- host: a.org\n  remove: 'p::before'", 2, "is no CSS selector"),
    "bad expression": ("- host: a.org\n  ignore: '(a'", 2, "is no regular expression of RE2: missing )"),
    "a back reference": ("- host: a.org\n  ignore: '(a)\\1'", 2, "is no regular expression of RE2"),
    "an expression for all": ("- host: a.org\n  ignore: '.*'", 2, "and so everywhere"),
    "unknown reason": ("- host: a.org\n  accept: shrnk", 2, "shrnk is no reason; known are"),
    "unknown representation": ("- host: a.org\n  prefer: pdf", 2, "neither html nor markdown"),
    "literal header": (
        "- host: a.org\n  headers:\n    X-Api-Key: s3cr3t",
        3,
        "`X-Api-Key` is a secret: name a variable",
    ),
    "cookie header": ("- host: a.org\n  headers: {Cookie: a=s3cr3t}", 2, "write a file of them under `cookies`"),
    "another agent": ("- host: a.org\n  headers: {User-Agent: x}", 2, "all sites are told the same one"),
    "a password for all": ("- host: '*'\n  delay: 1\n  auth: bearer ${NAME}", 3, "would tell every site a secret"),
    "a token for all": ("- host: [a.org, '*']\n  headers: {X-Key: '${NAME}'}", 2, "would tell every site a secret"),
    "line end": ('- host: a.org\n  headers: {X-A: "b\\nHost: c"}', 2, "signs that no header may hold"),
    "literal password": ("- host: a.org\n  auth: basic me s3cr3t", 2, "and no secret itself"),
    "password of a proxy": ("- host: a.org\n  proxy: http://me:s3cr3t@b:1", 2, "holds a name or a password"),
    "no proxy": ("- host: a.org\n  proxy: socks://b:1", 2, "takes an address such as http://"),
    "no cookies": ("- host: a.org\n  cookies: none.txt", 2, "none.txt is no file"),
    "no number": ("- host: a.org\n  delay: soon", 2, "no number of seconds"),
    "too many": ("- host: a.org\n  concurrency: 99", 2, "no number of requests at a time"),
    "a part of a host": ("- host: a.org\n  path: /x\n  delay: 2", 3, "`delay` is a whole host's"),
    "no switch": ("- host: a.org\n  canonical: maybe", 2, "neither true nor false"),
    "no age": ("- host: a.org\n  max_age: 3", 2, "no age such as 12h"),
    "no value": ("- host: a.org\n  select:", 2, "`select` takes a text"),
    "a list for one value": ("- host: a.org\n  prefer: [html]", 2, "`prefer` takes one value"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_error_names_the_line_and_what_can_stand_there(name: str) -> None:
    text, line, said = FAULTS[name]
    with pytest.raises(UsageError) as caught:
        parse(text, PLACE)
    assert str(caught.value).startswith(f"sites.yaml:{line}: ")
    assert said in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"REFRESH_SITES=.*none\.yaml cannot be read: No such file"):
        read(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"- host: a.org\n  select: '.caf\xe9'\n")
    with pytest.raises(UsageError, match="cannot be read: it is not in UTF-8"):
        read(tmp_path / "latin.yaml")


def test_an_empty_file_has_no_rules() -> None:
    assert parse("# nothing yet\n", PLACE) == []


def test_the_example_of_the_guide_is_one(tmp_path: Path) -> None:
    guide = (ROOT / "fetcher" / "guide" / "sites.md").read_text(encoding="utf-8")
    lines = [line[4:] for line in guide.splitlines() if line.startswith("    ") and "scrapy" not in line]
    (tmp_path / "library-cookies.txt").write_text("# Netscape HTTP Cookie File\n")
    rules = parse("\n".join(lines), tmp_path / "sites.yaml")
    assert len(rules) > 1
    listed = [name for line in guide.splitlines() if line.startswith("| `") for name in line.split("`")[1:2]]
    assert listed == list(KEYS)


@pytest.mark.parametrize(
    ("host", "path", "url", "is_for"),
    [
        ("a.org", "", "https://a.org/x", True),
        ("a.org", "", "https://A.org:8080/x", True),
        ("a.org", "", "https://www.a.org/x", False),
        ("'*.a.org'", "", "https://www.a.org/x", True),
        ("'*.a.org'", "", "https://a.org/x", False),
        ("'*.a.org'", "", "https://eva.org/x", False),
        ("'*'", "", "https://a.org", True),
        ("a.org", "/guide/*", "https://a.org/guide/x/y?z", True),
        ("a.org", "/guide/*", "https://a.org/guides", False),
        ("a.org", "[/a, /b]", "https://a.org/b", True),
        ("a.org", "'*.html'", "https://a.org/x/y.html", True),
        ("'*'", "/", "https://a.org", True),
        ("'*'", "", "http://[", False),
    ],
)
def test_a_rule_is_for_its_hosts_and_paths(host: str, path: str, url: str, *, is_for: bool) -> None:
    rules = parse(f"- host: {host}\n" + f"  path: {path}\n" * bool(path) + "  select: p", PLACE)
    assert bool(Sites(rules).of(url)) == is_for


def test_several_rules_add_up_and_the_last_value_counts() -> None:
    text = (
        "- host: '*'\n  remove: .a\n  prefer: markdown\n- host: a.org\n  remove: .b\n  prefer: html\n  accept: shrunk\n"
    )
    found = Sites(parse(text, PLACE)).page("https://a.org/")
    assert [(line, one.css) for line, one in found.remove] == [(1, ".a"), (4, ".b")]
    assert (found.prefer, set(found.accept)) == ("", {"shrunk"})
    assert Sites(parse(text, PLACE)).page("https://b.org/").prefer == "markdown"


def test_only_what_decides_how_a_page_reads_makes_it_another_page() -> None:
    def mark(said: str) -> bytes:
        return Sites(parse(f"- host: a.org\n  {said}\n", PLACE)).page("https://a.org/").mark

    assert mark("delay: 2") == mark("max_age: 2d") == mark("proxy: http://b:1") == b""
    marks = [mark(said) for said in ("select: p", "remove: p", "ignore: p", "accept: shrunk", "accept_language: nb")]
    assert len({*marks, b""}) == 6


def of(*, select: str = "", remove: str = "") -> PageRules:
    return page_rules(trial_rules([select] * bool(select), [remove] * bool(remove), []))


def left(text: str, rules: PageRules) -> str:
    trim = trimmed(page_of(f"<html><head><title>T</title></head><body>{text}</body></html>", "https://a.org/"), rules)
    return trim.missed or " ".join(html.tostring(trim.page.root.find("body"), encoding="unicode").split())


@pytest.mark.parametrize(
    ("rules", "text", "kept"),
    [
        (of(remove=".x"), "<p>a <i class=x>b</i> c</p>", "<body><p>a c</p></body>"),
        (of(remove=".x"), "<p class=x>a</p>b<p>c</p>", "<body>b<p>c</p></body>"),
        (of(remove="p p, .x"), "<div class=x><p class=x>a</p></div><p>c</p>", "<body><p>c</p></body>"),
        (of(select="p"), "a<div>b<p>c</p>d<p>e</p></div>f", "<body><div><p>c</p> <p>e</p> </div> </body>"),
        (of(select="div, p"), "a<div>b<p>c</p>d</div>", "<body><div>b<p>c</p>d</div> </body>"),
        (of(select="div", remove="p"), "a<div>b<p>c</p>d</div>", "<body><div>bd</div> </body>"),
        (of(select="body"), "a<p>b</p>", "<body>a<p>b</p></body>"),
        (of(select="img"), "a<img src=b>", '<body><img src="b"> </body>'),
        (of(select="h2"), "a<p>b</p>", "select finds nothing on the page: h2"),
        (of(select="p"), "a<p> </p>", "the rules leave nothing of the page"),
        (of(remove="body"), "a<p>b</p>", "the rules leave nothing of the page"),
        (of(remove="*"), "a<p>b</p>", "the rules leave nothing of the page"),
        (NO_RULES, "<p>a</p>", "<body><p>a</p></body>"),
    ],
)
def test_what_rules_leave_of_a_page(rules: PageRules, text: str, kept: str) -> None:
    assert left(text, rules) == kept


def test_the_page_itself_stays_as_it_is() -> None:
    page = page_of("<p>a</p><p class=x>b</p>", "https://a.org/")
    before = html.tostring(page.root)
    assert trimmed(page, of(remove=".x")).page.root is not page.root
    assert html.tostring(page.root) == before


def test_marks_of_words_can_be_ignored() -> None:
    text = "<main><h1>Ferry</h1><p>It leaves at nine each day of the week.</p><p>Ask {} first.</p></main>"
    first, second = (page_of(text.format(us), "https://a.org/") for us in ("<del>us</del>", "us"))
    stored = refresh_page(first, "").body
    assert "~~us~~" in stored
    assert "~~us~~" not in refresh_page(second, stored).body
    ignored = refresh_page(second, stored, past=Past(ignored=Ignored(kinds=frozenset({"markup"}))))
    assert ignored.body == stored
    assert [held.reason for held in ignored.held] == ["rule"]


@pytest.mark.parametrize(
    ("pattern", "old", "new", "is_ignored"),
    [
        (r"seen \d+ times", "seen 1 times", "seen 2 times", True),
        (r"\d+ times", "seen 1 times", "read 2 times", False),
        (r"(?i)SEEN .*", "seen", "", False),
        (r"(?i)^seen.*", "seen once", "", True),
        ("numbers", "12", "13", True),
        ("numbers", "12", "many", False),
        ("numbers", "12", "", False),
        (r"\d+", "!", "?", False),
    ],
)
def test_an_expression_has_to_find_all_that_changed(pattern: str, old: str, new: str, *, is_ignored: bool) -> None:
    ignored = Ignored(frozenset({"numbers"} & {pattern}), () if pattern == "numbers" else (pattern,))
    parts = [ChangedWords(words := text.split(), bytes(len(words)), 0, len(words)) for text in (old, new)]
    assert bool(ignored.why(*parts)) == is_ignored


def test_no_expression_takes_long() -> None:
    ignored = Ignored(patterns=("(a+)+$", "(x|x)*y"))
    words = ["a" * 200_000 + "b", "x" * 200_000]
    assert not ignored.why(ChangedWords(words, bytes(2), 0, 2), ChangedWords(words, bytes(2), 0, 1))
