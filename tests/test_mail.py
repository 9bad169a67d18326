"""Mail addresses that a host hides: read like a browser shows them, and no news when only their cipher is."""

import pytest

from fetcher.merge.refresh import refresh

URL = "https://boats.example/yard"
ADDRESS = "yard@boats.example"
SHOWN = "[email&#160;protected]"
INTRO = "The yard builds and mends boats of oak and larch, and answers every letter within a week."
WISH = "Bring the boat in before the frost, or write that you cannot, and we shall fetch it."


def cipher(address: str, key: int) -> str:
    return bytes([key, *(byte ^ key for byte in address.encode())]).hex()


def page(key: int, address: str = ADDRESS, extra: str = "") -> str:
    hidden = (
        f'<a href="/cdn-cgi/l/email-protection" class="__cf_email__" data-cfemail="{cipher(address, key)}">{SHOWN}</a>'
    )
    link = f'<a href="/cdn-cgi/l/email-protection#{cipher(address, key)}">the office</a>'
    return (
        f"<html><head><title>Yard</title></head><body><main><h1>Yard</h1><p>{INTRO}</p>"
        f"<p>Write to {hidden} or ask {link} for a berth.</p><p>{WISH}</p>{extra}</main></body></html>"
    )


def body(line: str) -> str:
    return f"\n# Yard\n\n{INTRO}\n\n{line}\n\n{WISH}\n"


def test_a_fill_has_the_address() -> None:
    filled = refresh(page(7), url=URL, stored="").body
    assert filled == body(f"Write to <{ADDRESS}> or ask [the office](mailto:{ADDRESS}) for a berth.")


@pytest.mark.parametrize(
    "line",
    [
        f"Write to <{ADDRESS}> or ask [the office](mailto:{ADDRESS}) for a berth.",
        f"Write to [{ADDRESS}](mailto:{ADDRESS}) or ask the office for a berth.",
        f"Write to [\\[email protected\\]](/cdn-cgi/l/email-protection#{cipher(ADDRESS, 9)}) or ask the office.",
        "Write to [[email protected]](/cdn-cgi/l/email-protection) or ask the office for a berth.",
        "Write to or ask the office for a berth.",
    ],
)
def test_another_cipher_is_no_change(line: str) -> None:
    line = line if line.endswith("berth.") else line[:-1] + " for a berth."
    for key in (1, 77, 250):
        assert refresh(page(key), url=URL, stored=body(line)).body == body(line)


def test_another_address_is_a_change() -> None:
    stored = body(f"Write to <{ADDRESS}> or ask [the office](mailto:{ADDRESS}) for a berth.")
    fresh = refresh(page(3, "office@boats.example"), url=URL, stored=stored).body
    assert "<office@boats.example>" in fresh
    assert ADDRESS not in fresh


def test_a_line_that_is_new_comes_with_its_address() -> None:
    hidden = f'<span class="__cf_email__" data-cfemail="{cipher("crane@boats.example", 12)}">{SHOWN}</span>'
    stored = body("Write to or ask the office for a berth.")
    fresh = refresh(
        page(3, extra=f"<p>The crane has a desk of its own, {hidden}, since May.</p>"), url=URL, stored=stored
    )
    assert fresh.body.startswith(stored)
    assert "crane@boats.example" in fresh.body
