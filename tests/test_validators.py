"""When a page is asked for only if it changed, and when it need not be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fetcher.memory import fingerprint, memory
from fetcher.memory.fingerprint import Validators
from fetcher.memory.memory import Look, Memory, Visit
from fetcher.merge.place_history import Difference
from fetcher.terms.outcomes import Outcome
from fetcher.visits import recall

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
URL = "https://example.org/page"
FINAL = "https://example.org/page/"
DATE = "Sat, 07 Feb 2026 02:58:22 GMT"
BODY = b"<p>the page</p>"
LOOK = Look(
    final_url=FINAL,
    validators=Validators('W/"1a"', DATE),
    digest=fingerprint.digest(BODY),
    fingerprint=b"mark",
    changed=False,
)


def seen(look: Look = LOOK, known: Memory | None = None) -> Memory:
    return memory.seen(known or Memory(url=URL), Visit(when=NOW, outcome=Outcome.UNCHANGED), look)


def conditions(known: Memory, *, mark: bytes = b"mark", url: str = FINAL, days: int = 1) -> dict[str, str]:
    return recall.conditions(known, mark, url, NOW + timedelta(days=days), MONTH)


def test_both_validators_are_sent_as_they_came() -> None:
    assert conditions(seen()) == {"If-None-Match": 'W/"1a"', "If-Modified-Since": DATE}


def test_only_the_validators_that_came_are_sent() -> None:
    assert conditions(seen(replace(LOOK, validators=Validators('"1"', "")))) == {"If-None-Match": '"1"'}
    assert conditions(seen(replace(LOOK, validators=Validators("", DATE)))) == {"If-Modified-Since": DATE}
    assert conditions(seen(replace(LOOK, validators=Validators()))) == {}


@pytest.mark.parametrize(
    ("etag", "sent"),
    [
        ('"1a-gzip"', '"1a-gzip", "1a"'),
        ('W/"1a-br"', 'W/"1a-br", W/"1a"'),
        ('"gzip"', '"gzip"'),
        ('"1a-gzipped"', '"1a-gzipped"'),
    ],
)
def test_a_tag_of_what_was_compressed_is_sent_with_that_of_the_file(etag: str, sent: str) -> None:
    assert conditions(seen(replace(LOOK, validators=Validators(etag)))) == {"If-None-Match": sent}


@pytest.mark.parametrize("value", ['"a\r\nX: y"', '"\u2028"', '"' + "a" * 2000 + '"', "\0"])
def test_validators_that_no_header_can_carry_are_not_remembered(value: str) -> None:
    assert fingerprint.validators_of({"etag": value, "last-modified": value}) == Validators()


def test_an_edited_seed_and_new_code_ask_for_the_whole_page() -> None:
    assert conditions(seen(), mark=b"other") == {}


def test_a_page_that_was_read_in_the_future_is_asked_for_as_a_whole() -> None:
    assert conditions(seen(), days=-1) == {}


def test_a_page_never_seen_is_asked_for_as_a_whole() -> None:
    assert conditions(Memory(url=URL), mark=b"", url="") == {}


def test_only_the_address_that_answered_is_asked_whether_its_page_changed() -> None:
    assert conditions(seen(), url=URL) == {}


def test_after_the_time_to_recheck_the_whole_page_is_asked_for_and_not_before_half_of_it() -> None:
    assert conditions(seen(), days=14)
    assert conditions(seen(), days=30) == {}


def test_pages_seen_at_once_are_not_all_rechecked_at_once() -> None:
    asked = []
    for number in range(100):
        final = f"{URL}/{number}"
        asked.append(bool(conditions(seen(replace(LOOK, final_url=final)), url=final, days=22)))
    assert 20 < sum(asked) < 80


def test_a_304_does_not_put_off_the_recheck() -> None:
    known = memory.same(seen(), Visit(when=NOW + timedelta(days=29), outcome=Outcome.UNCHANGED))
    assert conditions(known, days=30) == {}


def test_a_server_whose_validators_stayed_while_the_page_changed_is_not_trusted_any_more() -> None:
    liar = seen(replace(LOOK, digest=b"new", changed=True), seen())
    assert conditions(liar) == {}
    assert conditions(seen(replace(LOOK, digest=b"newer"), liar)) == {}


def test_a_server_whose_validators_change_with_the_page_is_trusted_again() -> None:
    liar = seen(replace(LOOK, digest=b"new", changed=True), seen())
    honest = seen(replace(LOOK, digest=b"newer", validators=Validators('"2"'), changed=True), liar)
    assert conditions(honest) == {"If-None-Match": '"2"'}


def test_rotating_markup_under_one_validator_is_no_lie() -> None:
    assert conditions(seen(replace(LOOK, digest=b"new"), seen()))


def test_the_same_bytes_are_read_again_only_with_other_eyes() -> None:
    same, other = LOOK.digest, fingerprint.digest(BODY + b" ")
    assert recall.same_bytes(seen(), same, b"mark")
    assert not recall.same_bytes(seen(), other, b"mark")
    assert not recall.same_bytes(seen(), same, b"other")
    assert not recall.same_bytes(Memory(url=URL), b"", b"")


def test_the_same_bytes_in_another_coding_are_another_answer() -> None:
    assert len({fingerprint.digest(BODY), fingerprint.digest(BODY, b"gzip"), fingerprint.digest(BODY, b"br")}) == 3


def test_what_was_held_back_is_looked_at_again_though_nothing_changed() -> None:
    unsettled = seen(replace(LOOK, differences={"place": Difference("a", "b", held=True)}))
    assert conditions(unsettled) == {}
    assert not recall.same_bytes(unsettled, LOOK.digest, b"mark")
    assert conditions(seen(replace(LOOK, differences={"place": Difference("a", "b", held=False)})))


def test_a_fingerprint_tells_seeds_their_names_and_their_texts_apart_but_not_their_order() -> None:
    one, other = ("a.md", b"1"), ("b.md", b"2")
    assert fingerprint.of_page([one, other]) == fingerprint.of_page([other, one])
    different = [[one], [other], [one, other], [("a.md", b"2"), ("b.md", b"1")], []]
    assert len({fingerprint.of_page(seeds) for seeds in different}) == len(different)


def test_a_run_that_accepts_more_looks_with_other_eyes() -> None:
    seeds = [("a.md", b"1")]
    assert fingerprint.of_page(seeds, {"time", "letters"}) == fingerprint.of_page(seeds, ["letters", "time"])
    assert len({fingerprint.of_page(seeds, accept) for accept in ((), ("time",), ("time", "letters"))}) == 3
