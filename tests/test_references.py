"""Reference links and footnotes stay such: what leads elsewhere has its definition changed, what is new gets one."""

import pytest

from fetcher.merge.refresh import refresh

SITE = "https://depot.example"
URL = f"{SITE}/trams/line-4"
FIRST = "Trams of the fourth line leave the depot at five and come back after midnight."
LAST = "Dogs ride for free, and bicycles wait for the last car of the evening."


def changed(stored: str, html: str) -> str:
    """The lines of the body that went and that came."""
    page = f"<main><h1>Line 4</h1><p>{FIRST}</p>{html}</main>"
    before = f"\n# Line 4\n\n{FIRST}\n\n{stored}\n"
    body = refresh(page, url=URL, stored=before).body
    assert refresh(page, url=URL, stored=body).body == body
    old, new = before.split("\n"), body.split("\n")
    gone, come = ([line for line in one if line and line not in other] for one, other in ((old, new), (new, old)))
    assert "\n\n\n" not in body
    return "\n".join([*(f"-{line}" for line in gone), *(f"+{line}" for line in come)])


NUMBERED = f"See the [times][1] and the [stops][2] here.\n\n{LAST}\n\n   [1]: /times\n   [2]: /stops"
DEFINED = f"[times]: <{SITE}/times> 'All of them'\n[stops]: <{SITE}/stops>"
NAMED = f"See the [times][] and the [stops] here.\n\n{LAST}\n\n{DEFINED}"
CAR = "<a href=/times>car</a>"
TIMES, STOPS, MAP = "<a href=/times>times</a>", "<a href=/stops>stops</a>", "<a href=/map>map</a>"


@pytest.mark.parametrize(
    ("stored", "html", "diff"),
    [
        (NUMBERED, f"<p>See the <a href=/table>times</a> and the {STOPS} here.</p><p>{LAST}</p>",
         "-   [1]: /times\n+   [1]: /table"),
        (NAMED, f"<p>See the {TIMES} and the <a href=/halts>stops</a> now.</p><p>{LAST}</p>",
         ("-See the [times][] and the [stops] here.\n-[stops]: <https://depot.example/stops>"
         "\n+See the [times][] and the [stops] now.\n+[stops]: <https://depot.example/halts>")),
        (NUMBERED, f"<p>See the {TIMES}, the {MAP} and the {STOPS} here.</p><p>{LAST}</p>",
         ("-See the [times][1] and the [stops][2] here."
         "\n+See the [times][1], the [map][3] and the [stops][2] here.\n+   [3]: /map")),
        (NAMED, f"<p>See the {TIMES}, the {MAP} and the {STOPS} here.</p><p>{LAST}</p>",
         ("-See the [times][] and the [stops] here."
         "\n+See the [times][], the [map][] and the [stops] here.\n+[map]: <https://depot.example/map>")),
        (NUMBERED, f"<p>See the {TIMES} and the {STOPS} here.</p><p>Ask for {TIMES}, or a {MAP}.</p><p>{LAST}</p>",
         "+Ask for [times][1], or a [map][3].\n+   [3]: /map"),
        (NUMBERED, f"<p>See the {TIMES} here.</p><p>{LAST}</p>",
         "-See the [times][1] and the [stops][2] here.\n-   [2]: /stops\n+See the [times][1] here."),
        (NUMBERED, f"<p>See the {TIMES} and the {MAP} here.</p><p>{LAST}</p>",
         ("-See the [times][1] and the [stops][2] here.\n-   [2]: /stops"
         "\n+See the [times][1] and the [map][2] here.\n+   [2]: /map")),
        (NUMBERED.replace("car", "[car][1]"),
         f"<p>See the <a href=/table>times</a> and the {STOPS} here.</p><p>{LAST.replace('car', CAR)}</p>",
         "-See the [times][1] and the [stops][2] here.\n+See the [times][3] and the [stops][2] here.\n+   [3]: /table"),
        (f"See the [times][1] here.\n\n[1]: /times\n\n{LAST}\n\nAsk the [driver][2].\n\n[2]: /driver",
         f"<p>See the {TIMES} or the {MAP} here.</p><p>{LAST}</p><p>Ask the <a href=/driver>driver</a>.</p>",
         "-See the [times][1] here.\n+See the [times][1] or the [map][3] here.\n+[3]: /map"),
        (f"See the [times][1] here.\n\n[1]: /times\n\n{LAST}\n\nAsk at [the same place][1].",
         f"<p>{LAST}</p><p>Ask at <a href=/times>the same place</a>.</p>",
         "-See the [times][1] here."),
        (f"See the [times](/times) and the [stops](/stops) here, [too][1].\n\n{LAST}\n\n[1]: /too",
         f"<p>See the {TIMES}, the {MAP} and the {STOPS} here, <a href=/too>too</a>.</p><p>{LAST}</p>",
         ("-See the [times](/times) and the [stops](/stops) here, [too][1]."
         "\n+See the [times](/times), the [map](/map) and the [stops](/stops) here, [too][1].")),
    ],
)  # fmt: skip
def test_a_reference_has_its_definition(stored: str, html: str, diff: str) -> None:
    """One that is used elsewhere stays, one that nobody uses any more goes."""
    assert changed(stored, html) == diff


NOTES = f"Trams are green[^1] and old[^2] here.\n\n{LAST}\n\n[^1]: As the hills.\n\n[^2]: Of 1931."


def notes(*texts: str) -> str:
    items = (f"<li id=n{k}>{text} <a href=#r{k}>↩</a></li>" for k, text in enumerate(texts, 1))
    return f"<p>{LAST}</p><ol>{''.join(items)}</ol>"


def number(k: int) -> str:
    return f"<sup><a href=#n{k} id=r{k}>{k}</a></sup>"


@pytest.mark.parametrize(
    ("html", "diff"),
    [
        (f"<p>Trams are green{number(1)} and old{number(2)} here.</p>{notes('As the hills.', 'Of 1931.')}", ""),
        (f"<p>Trams are green{number(1)} and old{number(2)} there.</p>{notes('As the hills.', 'Of 1931.')}",
         "-Trams are green[^1] and old[^2] here.\n+Trams are green[^1] and old[^2] there."),
        (f"<p>Trams are green{number(1)} and old{number(2)} here.</p>{notes('As the woods.', 'Of 1931.')}",
         "-[^1]: As the hills.\n+[^1]: As the woods."),
        (f"<p>Trams are green{number(1)} and old here.</p>{notes('As the hills.')}",
         "-Trams are green[^1] and old[^2] here.\n-[^2]: Of 1931.\n+Trams are green[^1] and old here."),
        ((f"<p>Trams are green{number(1)} and old{number(2)} here{number(3)}.</p>"
         f"{notes('As the hills.', 'Of 1931.', 'Not in the south.')}"),
         ("-Trams are green[^1] and old[^2] here."
         "\n+Trams are green[^1] and old[^2] here[^3].\n+[^3]: Not in the south.")),
        ((f"<p>Trams are green{number(1)} and old{number(2)} here.</p><p>Their lamps came late{number(3)}.</p>"
         f"{notes('As the hills.', 'Of 1931.', 'In 1950.')}"),
         "+Their lamps came late[^3].\n+[^3]: In 1950."),
        ((f"<p>Trams are green{number(1)} and old{number(2)} here{number(3)}.</p><p>{LAST}</p>"
         "<ol><li id=n1>As the hills.</li><li id=n2>Of 1931.</li><li id=n3>Not in the south.</li></ol>"),
         ("-Trams are green[^1] and old[^2] here."
         "\n+Trams are green[^1] and old[^2] here[^3].\n+[^3]: Not in the south.")),
    ],
)  # fmt: skip
def test_footnotes_are_written_as_footnotes(html: str, diff: str) -> None:
    """A page has numbers that lead to a list, and maybe arrows that lead back."""
    assert changed(NOTES, html) == diff


@pytest.mark.parametrize(
    ("label", "now"),
    [("[times]", "[hours]"), ("[times][]", "[hours][]")],
)
def test_the_label_that_is_the_text_of_a_link_changes_with_it(label: str, now: str) -> None:
    """Unless another link has it still."""
    stored = f"See the {label} here.\n\n{LAST}\n\n[times]: /times"
    html = f"<p>See the <a href=/times>hours</a> here.</p><p>{LAST}</p>"
    assert changed(stored, html) == f"-See the {label} here.\n-[times]: /times\n+See the {now} here.\n+[hours]: /times"
    twice = stored.replace(LAST, f"{LAST} So say the {label}.")
    assert "[hours][times]" in changed(twice, html.replace(LAST, f"{LAST} So say the {TIMES}."))


def test_new_text_at_the_end_stands_before_the_definitions_of_all_of_it() -> None:
    """Definitions of the last paragraph alone stay below that."""
    page = f"<main><h1>Line 4</h1><p>{FIRST}</p><p>See the {TIMES} and the {STOPS}.</p><p>{LAST}</p>%s</main>"
    stored = f"# Line 4\n\n{FIRST}\n\nSee the [times] and the [stops].\n\n{LAST}\n\n[times]: /times\n[stops]: /stops\n"
    body = refresh(page % f"<p>{CAR} 5 waits.</p>", url=URL, stored=stored).body
    assert f"{LAST}\n\n[car][times] 5 waits.\n\n[times]:" in body
    own = f"# Line 4\n\n{FIRST}\n\nSee the [times] and the [stops].\n\n[times]: /times\n[stops]: /stops\n"
    body = refresh(page.replace(f"<p>{LAST}</p>", "") % "<p>Car 5 waits.</p>", url=URL, stored=own).body
    assert body == f"{own}\nCar 5 waits.\n"


def test_definitions_stay_where_the_text_before_them_goes() -> None:
    stored = f"{LAST} See the {{}} and the {{}}.\n\nDogs need a ticket on Sundays and feasts.\n\n{DEFINED}"
    html = f"<p>{LAST} See the {TIMES} and the {STOPS}.</p>"
    assert changed(stored.format("[times]", "[stops]"), html) == "-Dogs need a ticket on Sundays and feasts."


CHART = f"![A chart]\n\n{LAST}\n\n[A chart]: /chart.png\n{{}}[times]: /times"


@pytest.mark.parametrize("attributes", ["", '  {alt="All lines"}\n'], ids=["plain", "with attributes"])
def test_a_picture_may_be_a_reference_by_its_text_alone(attributes: str) -> None:
    """What stands below its definition does not hide the next one."""
    stored = f"See the [times] here.\n\n{CHART.format(attributes)}"
    image = "<p><img src=/chart.png alt='A chart'></p>"
    html = f"<p>See the {TIMES} there.</p>{image}<p>{LAST}</p>"
    assert changed(stored, html) == "-See the [times] here.\n+See the [times] there."
    html = f"<p>See the {TIMES} here.</p>{image}<p>{LAST}</p><p>The <img src=/map.png alt=map> shows all stops.</p>"
    assert changed(stored, html) == "+The ![map] shows all stops.\n+[map]: /map.png"


def test_a_label_is_changed_with_its_text_and_keeps_the_place_in_the_page_that_it_leads_to() -> None:
    stored = f"See the [old times] here.\n\n{LAST}\n\n[old times]: line-4-b#times"
    html = f"<p>See the <a href=line-4-b#times>new times</a> here.</p><p>{LAST}</p>"
    assert changed(stored, html).endswith("+See the [new times] here.\n+[new times]: line-4-b#times")


def test_a_new_label_is_defined_where_its_link_stands_among_the_others() -> None:
    stored = f"See the [times] and the [stops] here.\n\n{LAST}\n\n[times]: /times\n[stops]: /stops"
    html = f"<p>See the {TIMES}, the {MAP} and the {STOPS} here.</p><p>{LAST}</p>"
    page = f"<main><h1>Line 4</h1><p>{FIRST}</p>{html}</main>"
    for new, order in (
        (html, "times map stops"),
        (html.replace(TIMES, MAP).replace(f", the {MAP} ", " "), "map stops"),
    ):
        body = refresh(page.replace(html, new), url=URL, stored=f"# Line 4\n\n{FIRST}\n\n{stored}\n").body
        assert body.endswith("\n\n" + "".join(f"[{label}]: /{label}\n" for label in order.split()))


@pytest.mark.parametrize("reference", ["![A tram][t]", "![A tram][]", "![A tram]"])
def test_a_picture_that_is_exchanged_has_its_definition_changed(reference: str) -> None:
    label = "t" if "[t]" in reference else "A tram"
    stored = f"{reference} waits in the snow.\n\n{LAST}\n\n[{label}]: /img/tram.png"
    html = f'<p><img src="/img/depot.png" alt="A tram"> waits in the snow.</p><p>{LAST}</p>'
    assert changed(stored, html) == f"-[{label}]: /img/tram.png\n+[{label}]: /img/depot.png"


def test_a_definition_that_escapes_signs_stays_where_another_word_changes() -> None:
    stored = f"See the [times][1] here.\n\n{LAST}\n\n[1]: /times_\\(all\\)"
    html = f'<p>See the <a href="/times_(all)">times</a> there.</p><p>{LAST}</p>'
    assert changed(stored, html) == "-See the [times][1] here.\n+See the [times][1] there."
