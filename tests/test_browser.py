"""The report in a real browser: nothing goes wrong on it, everybody can use it, and the keys lead where they say."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from fetcher.report.report import Report
from fetcher.terms.outcomes import HeldBack, Outcome, Record
from tests import reports
from tests.browser import CHROMIUM, chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
# Entries that are out of sight have no layout, which axe takes for overlap.
ALL_IN_SIGHT = ".entry { content-visibility: visible !important }"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reports.everything(tmp_path_factory.mktemp("everything"))


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page; where anything is logged, thrown or asked for on it, the test fails."""
    wrong: list[str] = []
    contexts = []

    def opened(report: Path, **options: object) -> Page:
        context = browser.new_context(**{"viewport": WIDE, **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda request: wrong.append(request.url) if request.url != report.as_uri() else None)
        page.goto(report.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def current(page: Page) -> str:
    return " ".join(page.locator(".entry.current h3").all_text_contents())


def shown(page: Page) -> list[str]:
    return page.locator(".entry:visible h3").all_text_contents()


def violations(page: Page) -> list[str]:
    page.add_style_tag(content=ALL_IN_SIGHT)
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [f"{rule['id']}: {node['html']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def test_what_a_page_says_does_nothing(opened: Callable[..., Page], tmp_path: Path) -> None:
    for path in (reports.hostile(tmp_path), tmp_path / "history.html"):
        page = opened(path)
        assert page.title().startswith(("3 pages changed", "1 page changed", "Runs of"))
        assert page.locator("img, iframe, object, base, [onclick]").count() == 0
        page.locator("body").click()


@pytest.mark.parametrize(
    ("scheme", "viewport", "view"),
    [("light", WIDE, "rendered"), ("dark", WIDE, "source"), ("dark", NARROW, "rendered"), ("light", NARROW, "source")],
)
def test_everybody_can_use_the_report(
    browser: Browser, report: Path, scheme: str, viewport: dict[str, int], view: str
) -> None:
    page = browser.new_page(color_scheme=scheme, viewport=viewport, bypass_csp=True)  # type: ignore[arg-type]
    page.goto(report.as_uri())
    page.get_by_label(view.capitalize(), exact=True).check(force=True)
    page.keyboard.press("e")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    page.close()


@pytest.mark.parametrize(("scheme", "viewport"), [("light", WIDE), ("dark", NARROW)])
def test_everybody_can_use_the_history_the_help_and_an_empty_report(
    browser: Browser, report: Path, tmp_path: Path, scheme: str, viewport: dict[str, int]
) -> None:
    page = browser.new_page(color_scheme=scheme, viewport=viewport, bypass_csp=True)  # type: ignore[arg-type]
    for place, key in ((report, "?"), (report.parents[1] / "history.html", ""), (reports.nothing(tmp_path), "")):
        page.goto(place.as_uri())
        if key:
            page.keyboard.press(key)
        assert violations(page) == []
    page.close()


def test_it_can_be_read_without_a_script(
    opened: Callable[..., Page], browser: Browser, report: Path, tmp_path: Path
) -> None:
    page = opened(report, java_script_enabled=False)
    assert page.locator("#find, #keys").first.is_hidden()
    entry = page.locator(".entry", has_text="a/prices.md")
    assert entry.locator(".rendered").is_visible()
    page.get_by_label("Source", exact=True).check(force=True)
    assert not entry.locator(".rendered").is_visible()
    assert entry.locator(".source").is_visible()
    page.locator(".entry summary", has_text="c/0.md").click()
    assert page.locator(".entry", has_text="c/0.md").locator(".source").is_visible()
    page.locator("#outcome-failed").check(force=True)
    assert shown(page) == ["d/failed.md"]
    assert page.get_by_text("Colours").is_hidden()  # without a script the system decides
    bare = tmp_path / "bare.html"  # axe needs scripts to run, but not those of the page
    bare.write_text(re.sub(r"<script>.*?</script>", "", report.read_text("utf-8"), flags=re.DOTALL), "utf-8")
    checked = browser.new_page(bypass_csp=True)
    checked.goto(bare.as_uri())
    assert violations(checked) == []
    checked.close()


def test_filters_and_search_leave_what_fits(opened: Callable[..., Page], report: Path) -> None:
    page = opened(report)
    page.locator("#outcome-moved").check(force=True)
    assert shown(page) == ["d/moved.md", "b/front.md"]
    page.locator("#folder").select_option("d")
    assert shown(page) == ["d/moved.md"]
    assert page.locator("#matches").inner_text() == "1 of 16 pages"
    page.locator("#outcome-all").check(force=True)
    page.locator("#site").select_option("gone.example")
    assert shown(page) == ["d/gone.md"]
    page.locator("#site").select_option("")
    page.locator("#folder").select_option("")
    page.locator("#about").select_option("price")
    assert shown(page) == ["a/prices.md"]
    page.locator("#about").select_option("")
    page.keyboard.press("/")
    page.keyboard.type("transfer PRICES")
    assert shown(page) == ["a/prices.md"]
    assert page.locator("section:visible h2").all_inner_texts() == [
        "The same change on many pages",
        "Changed pages",
        "Held back",
    ]
    page.keyboard.type(" nowhere")
    assert shown(page) == []
    assert "No page fits" in page.locator("#matches").inner_text()


def test_the_keys_lead_from_page_to_page(opened: Callable[..., Page], report: Path) -> None:
    page = opened(report)
    paths = shown(page)
    page.keyboard.press("j")
    assert current(page) == paths[0]
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert current(page) == paths[2]
    page.keyboard.press("k")
    assert current(page) == paths[1]
    for _ in range(paths.index("a/prices.md") - 1):
        page.keyboard.press("j")
    entry = page.locator(".entry.current > details")
    before = entry.get_attribute("open")
    page.keyboard.press("Enter")
    assert entry.get_attribute("open") != before
    for _ in range(30):
        page.keyboard.press("j")
    assert current(page) == paths[-1]
    assert page.locator(".entry.current").evaluate("entry => entry.getBoundingClientRect().bottom <= innerHeight")


@pytest.mark.parametrize(("keys", "inside"), [("", "pair"), ("v", "lines")])
def test_the_keys_lead_from_change_to_change(opened: Callable[..., Page], report: Path, keys: str, inside: str) -> None:
    page = opened(report)
    if keys:
        page.keyboard.press(keys)
    places = []
    for key in "nnnp":
        page.keyboard.press(key)
        places.append(page.evaluate("document.activeElement.getBoundingClientRect().top + scrollY"))
        assert inside in (page.evaluate("document.activeElement.className")).split()
    assert places[0] < places[1] < places[2]
    assert places[3] == pytest.approx(places[1], abs=2)


def test_the_keys_open_all_pages_and_show_the_help(opened: Callable[..., Page], report: Path) -> None:
    page = opened(report)
    page.keyboard.press("e")
    assert page.locator(".page > details:not([open])").count() == 0
    page.get_by_role("button", name="Open or close all").click()
    assert page.locator(".page > details[open]").count() == 0
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.get_by_role("button", name="Close", exact=True).click()
    assert not page.locator("#help").is_visible()
    page.keyboard.press("/")
    page.keyboard.type("j?")
    assert page.locator("#search").input_value() == "j?"
    page.keyboard.press("Escape")
    page.locator("#keys").click()
    assert page.locator("#help").is_visible()


def test_a_link_to_a_page_opens_it(opened: Callable[..., Page], report: Path) -> None:
    page = opened(report)
    page.locator(".groups summary").click()
    page.locator(".groups a").first.click()
    page.locator(".entry", has_text="c/0.md").locator(".rendered").wait_for()  # scripts learn of it a moment later


def test_what_the_switches_are_set_to_is_kept(browser: Browser, report: Path) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(report.as_uri())
    page.locator("#theme-dark").check(force=True)
    page.locator("#view-source").check(force=True)
    page.goto((report.parents[1] / "history.html").as_uri())
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.get_by_role("link", name="The last report").click()
    assert page.locator(".source").first.is_visible()
    context.close()


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_long_paths_and_addresses_wrap(opened: Callable[..., Page], report: Path, viewport: dict[str, int]) -> None:
    page = opened(report, viewport=viewport)
    page.keyboard.press("e")
    for view in "  v":
        page.keyboard.press(view)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_thousand_changed_pages_can_be_searched(opened: Callable[..., Page], tmp_path: Path) -> None:
    page = opened(reports.thousand(tmp_path))
    assert page.locator("h1").inner_text() == "1,000 pages changed"
    page.keyboard.press("/")
    page.keyboard.type("needle")
    assert page.locator("#matches").inner_text() == "1 of 1000 pages"


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_no_kind_of_what_is_held_back_is_parted(
    tmp_path: Path, opened: Callable[..., Page], viewport: dict[str, int]
) -> None:
    """However long the commands and texts beside it are."""
    run = Report(tmp_path, "seeds", reports.START)
    run.add(
        Record(path="a.md", outcome=Outcome.UNCHANGED, held=(HeldBack("wave", "old words " * 30, "new words " * 30),))
    )
    run.finish(reports.START, 1)
    page = opened(tmp_path / "latest" / "report.html", viewport=viewport)
    kind = page.locator("tbody th")
    assert kind.inner_text() == "wave"
    text = "node => { const text = document.createRange(); text.selectNodeContents(node);"
    assert kind.evaluate(f"{text} return text.getClientRects().length }}") == 1
