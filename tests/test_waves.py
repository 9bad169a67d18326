"""The blocks of a wave are told apart from the rest of a change, which is written as if they had not changed."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from fetcher.report.compare import compare
from fetcher.visits.waves import body_without

FRONT = '---\nsource_url: "https://example.org/"\n---\n'
WORDS = "anchor basket candle dagger ember falcon garnet hammer island jasper kettle lantern".split()

changes = st.lists(
    st.tuples(st.integers(0, 11), st.sampled_from(["keep", "go", "come", "swap"]), st.booleans()),
    min_size=1,
    max_size=10,
    unique_by=lambda change: change[0],
)


def block(number: int, kind: str = "") -> str:
    word = WORDS[number]
    return f"{kind}{word} {word}s of the {word}ry, {number} {kind or 'old'}{word} a {kind}{word}er"


def file(blocks: list[str]) -> str:
    return FRONT + "".join(f"\n{text}\n" for text in blocks)


def made(found: list[tuple[int, str, bool]], *, held: bool) -> list[str]:
    """The blocks after the changes; where they are held, only after those that are not."""
    blocks = []
    for number, change, waits in sorted(found):
        what = "keep" if waits and held else change
        if what != "go":
            blocks += [block(number)] if what != "swap" else [block(number, "new")]
        blocks += [block(number, "more")] if what == "come" else []
    return blocks


@given(changes)
def test_the_rest_of_a_change_is_written_as_if_the_held_blocks_had_not_changed(
    found: list[tuple[int, str, bool]],
) -> None:
    old = file([block(number) for number, *_ in sorted(found)])
    new, wanted = file(made(found, held=False)), file(made(found, held=True))
    swaps = compare("", old, new).swaps
    rest = Counter(swap.key for swap in compare("", old, wanted).swaps)
    waiting = [swap for swap in swaps if swap.key not in rest]
    body = body_without(old, new, swaps, waiting)
    if new != FRONT and Counter(swap.key for swap in swaps) == rest + Counter(swap.key for swap in waiting):
        assert body in (None, wanted[len(FRONT) :])


@given(changes)
def test_where_all_or_nothing_is_held_the_body_is_one_of_the_two(found: list[tuple[int, str, bool]]) -> None:
    old, new = file([block(number) for number, *_ in sorted(found)]), file(made(found, held=False))
    swaps = compare("", old, new).swaps
    assert body_without(old, new, swaps, swaps) == old[len(FRONT) :]
    assert body_without(old, new, swaps, []) == new[len(FRONT) :]


def told(old: str, new: str, wave: str) -> str | None:
    swaps = compare("", FRONT + old, FRONT + new).swaps
    return body_without(FRONT + old, FRONT + new, swaps, [swap for swap in swaps if wave in swap.removed + swap.added])


def test_a_block_between_two_that_changed_is_put_back_between_them() -> None:
    old = "\nThe first of three rooms is blue.\n\nWas this of help?\n\nThe last of three rooms is red.\n"
    new = "\nThe first of three rooms is green.\n\nThe last of three rooms is gold.\n"
    assert told(old, new, "help") == old.replace("blue", "green").replace("red", "gold")


def test_an_item_of_a_list_and_line_ends_of_windows_stay_what_they_are() -> None:
    old = "\r\n- One bell rings at noon.\r\n- Two ring at dusk.\r\n"
    new = "\r\n- One bell rings at eleven.\r\n- Two ring at dusk.\r\n- Ask us anything.\r\n"
    assert told(old, new, "Ask us") == old.replace("noon", "eleven")


def test_what_draws_a_table_is_not_left_behind() -> None:
    old = "\nRooms are let by the week.\n"
    new = "\nRooms are let by the month, or longer.\n\n| Month | Work |\n|---|---|\n| May | Mow |\n"
    assert told(old, new, "M") is None
