"""Which answers are the page, and what the others are."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.page import page
from fetcher.terms.outcomes import DOUBTS, Outcome, Reason
from fetcher.verdict.verdict import Answer, Verdict, judge
from fetcher.visits.fetched import MOST_TAGS

ASKED = "https://site.example/guides/rivers"
MENU = "<nav><a href=/>Home</a><a href=/guides>Guides</a><a href=/about>About us</a></nav>"
FOOT = "<footer>© Site Example · <a href=/terms>Terms</a> · <a href=/privacy>Privacy</a></footer>"
STORED = """# How rivers find the sea

Water runs downhill, and a river is what happens when a great deal of it does so along the same line for a long time.

## The upper course

Near its source a river is steep and narrow. It cuts *down* rather than sideways, and the valley it leaves is shaped
like the letter V, with spurs that reach in from both sides and hide the bends further on.

## The lower course

Where the land is flat the river wanders. It builds banks of silt, breaks them in a flood, and starts again beside them;
the lakes left behind are shaped like an ox's bow. At the mouth it drops what it still carries, and a delta grows.
"""
ARTICLE = """<h1>How rivers find the sea</h1><p>Water runs downhill, and a river is what happens when a great deal of
it does so along the same line for a long time.</p><h2>The upper course</h2><p>Near its source a river is
steep and narrow. It cuts <em>down</em> rather than sideways, and the valley it leaves is shaped like the
letter V, with spurs that reach in from both sides and hide the bends further on.</p><h2>The lower
course</h2><p>Where the land is flat the river wanders. It builds banks of silt, breaks them in a flood,
and starts again beside them; the lakes left behind are shaped like an ox’s bow. At the mouth it drops
what it still carries, and a delta grows.</p>"""


def document(body: str, title: str = "Site Example", head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def verdict(
    html: str,
    stored: str = "",
    *,
    final: str = ASKED,
    status: int = 200,
    headers: dict[str, str] | None = None,
    accept: frozenset[str] = frozenset(),
) -> Verdict:
    answer = Answer(status, ASKED, final, headers or {}, html, len(html.encode("utf-8", "replace")))
    return judge(answer, page.parse(html, final), stored, accept)


def framed(text: str) -> str:
    return document(f"{MENU}<main>{text}</main>{FOOT}")


CHALLENGES = {
    "Cloudflare": document(
        "<h1>site.example</h1><noscript>Enable JavaScript and cookies to continue</noscript>"
        "<script>window._cf_chl_opt={cType:'managed'}</script>",
        title="Just a moment...",
    ),
    "HUMAN": document("<div id=px-captcha></div><p>Press & Hold to confirm you are a human (and not a bot).</p>"),
    "DataDome": document(
        "<p id=cmsg>Please enable JS and disable any ad blocker</p>"
        "<script src=https://ct.captcha-delivery.com/c.js></script>"
    ),
    "Akamai": document(
        "<h1>Access Denied</h1>You don't have permission to access this page.<p>https://errors.edgesuite.net/18.a</p>"
    ),
    "Imperva": "<html><body><iframe src='/_Incapsula_Resource?SWUDNSAI=31'></iframe></body></html>",
    "AWS WAF": document("<div id=challenge-container></div><script>AwsWafIntegration.saveReferrer()</script>"),
    "Sucuri": document("<h1>Sucuri WebSite Firewall - Access Denied</h1><p>Block ID: XSS12</p>"),
    "Vercel": document("<p>We're verifying your browser</p>", title="Vercel Security Checkpoint"),
    "Anubis": document(
        "<h1>Making sure you're not a bot!</h1><script id=anubis_challenge type=application/json>{}</script>"
    ),
    "a puzzle": document("<form><div class=h-captcha data-sitekey=1></div><button>Continue</button></form>"),
    "German, of an unknown system": document("<h1>Sind Sie ein Mensch?</h1><script src=/c.js></script>"),
    "Russian, of an unknown system": document("<h1>Подтвердите, что вы не робот</h1><script src=/c.js></script>"),
    "Japanese, of an unknown system": document("<h1>私はロボットではありません</h1><script src=/c.js></script>"),
}

NOT_THE_PAGE = {
    Reason.NOT_FOUND: (
        "<h1>404</h1><p>Oh no.</p>",
        "<h1>Oops! That page can’t be found.</h1><p>Try a search.</p>",
        "<h1>Seite nicht gefunden</h1><p>Die gesuchte Seite gibt es nicht mehr.</p>",
        "<h2>Page introuvable</h2><p>La page que vous recherchez a peut-être été déplacée.</p>",
        "<h1>Página no encontrada</h1><p>Vuelve al inicio.</p>",
        "<h1>Pagina non trovata</h1>",
        "<h1>Página não encontrada</h1>",
        "<h1>Pagina niet gevonden</h1>",
        "<h1>Nie znaleziono strony</h1>",
        "<h1>Страница не найдена</h1><p>Возможно, она была удалена.</p>",
        "<h1>页面不存在</h1>",
        "<h1>お探しのページは見つかりませんでした</h1>",
        "<h1>페이지를 찾을 수 없습니다</h1>",
        "<h1>الصفحة غير موجودة</h1>",
        "<h1>Sayfa bulunamadı</h1>",
    ),
    Reason.MAINTENANCE: (
        "<h1>We’ll be back soon!</h1><p>Our site is under maintenance.</p>",
        "<h1>Wartungsarbeiten</h1><p>Wir sind bald wieder da.</p>",
        "<h1>Site en maintenance</h1>",
        "<h1>Sitio en mantenimiento</h1>",
        "<h1>Trwają prace techniczne</h1>",
        "<h1>Ведутся технические работы</h1>",
        "<h1>ただいまメンテナンス中です</h1>",
        "<h1>系统维护中</h1>",
    ),
    Reason.ERROR: (
        "<h2>Application error: a client-side exception has occurred (see the browser console).</h2>",
        "<h1>Something went wrong</h1><p>Please try again.</p>",
        "<h1>Es ist ein Fehler aufgetreten</h1>",
        "<h1>Une erreur est survenue</h1>",
        "<h1>Произошла ошибка</h1>",
        "<h1>エラーが発生しました</h1>",
    ),
    Reason.DENIED: (
        "<h1>Access Denied</h1><p>You don't have permission to access /guides on this server.</p>",
        "<h1>Zugriff verweigert</h1>",
        "<h1>Accès refusé</h1>",
        "<h1>Доступ запрещён</h1>",
        "<h1>访问被拒绝</h1>",
    ),
    Reason.LIMITED: (
        "<h1>Too Many Requests</h1><p>Slow down.</p>",
        "<h1>Zu viele Anfragen</h1>",
        "<h1>请求过于频繁</h1>",
    ),
    Reason.LOGIN: (
        "<h1>Welcome back</h1><form><input name=user><input type=password name=p><button>Go</button></form>",
        "<h1>Anmelden</h1><form><input type=email name=user><button>Weiter</button></form>",
    ),
    Reason.CONSENT: (
        "<h2>We value your privacy</h2><p>We and our partners store cookies.</p><button>Accept all</button>",
        "<h2>Wir brauchen Ihre Zustimmung zu Cookies</h2><button>Alle akzeptieren</button>",
        "<h2>Avec ou sans cookies</h2><a href=#>Tout accepter</a>",
    ),
    Reason.REDIRECT: (
        "<h1>302 Found</h1><p>The document has moved <a href=/x>here</a>.</p>",
        "<p>Redirecting to new.example</p>",
        "<h1>Object moved to <a href=/x>here</a>.</h1>",
    ),
    Reason.DEFAULT: (
        "<h1>Index of /guides</h1><pre><a href=../>../</a></pre>",
        "<h1>Welcome to nginx!</h1><p>If you see this page, the web server is working.</p>",
        "<h1>This domain is for sale</h1><p>Make an offer.</p>",
    ),
    Reason.SHELL: (
        "<div id=root></div><script src=/app.js></script>",
        "<main></main><script src=/app.js></script>",
        "<div id=app><p>Loading...</p></div><script src=/app.js></script>",
        "<p>Unable to execute JavaScript.</p><script src=/app.js></script>",
        "<p>JavaScript を有効にしてください</p><script src=/app.js></script>",
    ),
    Reason.PAYWALL: (
        "<h1>How rivers find the sea</h1><p>Water runs.</p><div class=paywall>Subscribe to continue reading</div>",
        "<h1>Wie Flüsse fließen</h1><p>Wasser fließt.</p><div class=paywall>Jetzt weiterlesen</div>",
    ),
}
CASES = [(reason, html) for reason, pages in NOT_THE_PAGE.items() for html in pages]

ABOUT = {
    "a captcha": "What a captcha is",
    "error pages": "Why a 404 page not found still matters",
    "consent": "Cookies, consent, and the button “Accept all”",
    "logging in": "How to log in when you forgot the password",
    "maintenance": "Planning scheduled maintenance",
    "refusals": "Access denied: what the message means",
}


@pytest.mark.parametrize("html", CHALLENGES.values(), ids=CHALLENGES)
@pytest.mark.parametrize("stored", ["", STORED], ids=["nothing stored", "stored"])
def test_a_bot_challenge_is_blocked_whatever_system_or_language_it_comes_from(html: str, stored: str) -> None:
    found = verdict(html, stored)
    assert (found.outcome, found.reason) == (Outcome.BLOCKED, Reason.CHALLENGE)


@pytest.mark.parametrize(("reason", "text"), CASES)
def test_a_page_that_says_it_is_not_the_page_is_held_by_that_reason(reason: Reason, text: str) -> None:
    for stored in ("", STORED):
        assert verdict(framed(text), stored).reason == reason
        assert verdict(document(text), stored).outcome in {Outcome.BROKEN, Outcome.BLOCKED}


@pytest.mark.parametrize("title", ABOUT.values(), ids=ABOUT)
def test_an_article_about_an_obstacle_is_no_obstacle(title: str) -> None:
    text = f"<h1>{title}</h1>" + "".join(f"<p>{paragraph}</p>" for paragraph in [title, ARTICLE, "not found " * 30] * 3)
    assert verdict(framed(text)).outcome is None
    assert verdict(framed(text), f"# {title}\n\n{STORED}").outcome is None


@pytest.mark.parametrize(
    "text",
    [
        "<h1>Hello</h1><p>World</p>",
        "<h1>How to log in</h1><p>Open the app, choose Log in, and enter the code that we send you.</p>",
        "<h1>Version 1.2</h1><p>Fixed: page not found after login</p><p>Fixed: an error occurred on save</p>",
        (
            "<h1>Why do I see “Access denied”?</h1><p>Because your role lacks the right to open the page.</p><p>Ask "
            "for it, and open the page again once you have it. It can take an hour.</p>"
        ),
        "<h1>Loading dock</h1><p>The loading dock is behind the building.</p><script src=/a.js></script>",
        "<h1>500 days</h1><p>A film of which much was said.</p>",
        "<h1>Opening hours</h1><p>Nine to five.</p><div>We use cookies <button>Accept all</button></div>",
    ],
)
def test_a_short_page_that_only_mentions_an_obstacle_is_good(text: str) -> None:
    assert verdict(framed(text)).outcome is None


@pytest.mark.parametrize(("reason", "text"), CASES)
def test_a_page_that_shows_the_stored_text_is_good_whatever_else_it_holds(reason: Reason, text: str) -> None:
    del reason
    assert verdict(framed(ARTICLE + text), STORED).outcome is None


def test_a_page_that_was_rewritten_in_part_is_good() -> None:
    half = ARTICLE.replace("</p>", " New words were put in here, and nobody asked why.</p>").replace("flat", "level")
    assert verdict(framed(half), STORED).outcome is None


@pytest.mark.parametrize(("status", "outcome"), [(401, "blocked"), (403, "blocked"), (429, "blocked"), (500, "failed")])
def test_a_status_that_refuses_is_believed(status: int, outcome: str) -> None:
    assert verdict(framed(ARTICLE), STORED, status=status).outcome == outcome


def test_a_challenge_is_named_whatever_its_status() -> None:
    found = verdict("<p>Wait</p>", STORED, status=503, headers={"cf-mitigated": "challenge"})
    assert (found.outcome, found.reason) == (Outcome.BLOCKED, Reason.CHALLENGE)


@pytest.mark.parametrize(
    ("final", "reason"),
    [
        ("https://site.example/login?next=/guides/rivers", Reason.LOGIN),
        ("https://sso.site.example/start", Reason.LOGIN),
        ("https://consent.site.example/collect", Reason.CONSENT),
        ("https://site.example/", Reason.OTHER),
        ("https://site.example/en/", Reason.OTHER),
    ],
)
def test_a_redirect_to_a_wall_or_to_the_home_page_is_not_the_page(final: str, reason: Reason) -> None:
    html = framed("<h1>Welcome</h1><p>" + "This is what we do, and this is who we are. " * 20)
    assert verdict(html, STORED, final=final).reason == reason
    assert verdict(html, final=final).reason == reason


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("foot", ["", FOOT])
def test_an_answer_cut_within_the_stored_text_is_truncated(share: float, foot: str) -> None:
    html = document(f"{MENU}<div class=text>{ARTICLE}{foot}</div>")
    start = html.index("<h1>")
    cut = html[: start + int(len(ARTICLE) * share)]
    assert verdict(cut, STORED).reason == Reason.TRUNCATED


@pytest.mark.parametrize("end", ["goes int", "goes into", "goes into th", "goes into the "])
def test_an_answer_cut_within_its_last_sentence_is_truncated(end: str) -> None:
    """However little is missing; a last word that got shorter on a page with an end is a change."""
    stored = f"{STORED}\nWhat a river carries at its mouth goes into the sea.\n"
    page = f"{MENU}<div class=text>{ARTICLE}<p>What a river carries at its mouth {end}"
    assert verdict(f"<!DOCTYPE html><html><body>{page}", stored).reason == Reason.TRUNCATED
    assert verdict(document(f"{page}</p></div>"), stored).outcome is None


@pytest.mark.parametrize(
    "notice",
    [
        "Resten av artikkelen er for abonnenter. Logg inn for å lese videre.",
        "Za čtení zbytku zaplaťte měsíční předplatné.",
        "Ang kabuuan nito ay para lamang sa mga nagbabayad ng buwanang bayad.",
        "この先は有料となります。",
    ],
)
def test_a_few_words_in_the_place_of_most_of_the_text_are_a_wall_in_any_language(notice: str) -> None:
    """The beginning is there and nothing of the rest: whatever the new words say, they are not the page's text."""
    beginning = ARTICLE[: ARTICLE.index("</p>") + 4]
    assert verdict(framed(f"{beginning}<div class=x><p>{notice}</p></div>"), STORED).reason == Reason.PAYWALL
    assert verdict(framed(f"{ARTICLE}<p>{notice}</p>"), STORED).outcome is None


@pytest.mark.parametrize(
    ("above", "told"),
    [
        ("", "Diese Geschichte ist leider nur für Abonnenten da"),
        ("<p>By Ann on May 4</p>", "Hier ist fürs Erste Schluss."),
    ],
)
def test_a_wall_may_stand_in_a_box_beside_the_text_or_under_an_author(above: str, told: str) -> None:
    beginning = ARTICLE[: ARTICLE.index("</p>") + 4].replace("<p>", f"{above}<p>", 1)
    box = f"<p>{told}</p>" if above else f"<aside><h2>{told}</h2></aside>"
    assert verdict(framed(beginning + box), STORED).reason == Reason.PAYWALL


def test_what_frames_a_page_does_not_hide_that_the_rest_is_for_subscribers() -> None:
    """However much stands in the head and the foot of a page that ends in a notice."""
    head, tail = ARTICLE[: len(ARTICLE) * 3 // 5], "<div class=paywall><p>Subscribe to continue reading</p></div>"
    menu = "".join(f"<li><a href=/{number}>Chapter {number} of the handbook of rivers</a></li>" for number in range(90))
    page = (
        f"<nav><ul>{menu}</ul></nav><main>{head[: head.rindex(' ')]}</p>{tail}</main><footer><ul>{menu}</ul></footer>"
    )
    assert verdict(document(page), STORED).reason == Reason.PAYWALL


def test_letters_of_a_wrong_encoding_are_not_the_pages() -> None:
    stored = STORED + "Flüsse fließen über große Wehre in größere Flüsse, und über Dämme.\n"
    text = ARTICLE + "<p>Flüsse fließen über große Wehre in größere Flüsse, und über Dämme.</p>"
    assert verdict(framed(text), stored).outcome is None
    for wrong in (text.encode().decode("cp1252"), text.encode("cp1252").decode("utf-8", "replace")):
        assert verdict(framed(wrong), stored).reason == Reason.GARBLED


def test_fewer_bytes_than_announced_are_truncated() -> None:
    html = f"<h1>Rivers</h1>{ARTICLE[: len(ARTICLE) // 2]}"
    headers = {"content-length": str(len(ARTICLE) * 2)}
    assert verdict(html, STORED, headers=headers).reason == Reason.TRUNCATED


def test_a_good_page_may_leave_out_its_end_tags() -> None:
    assert verdict(f"<!DOCTYPE html><title>Rivers</title>{ARTICLE.replace('</p>', '')}", STORED).outcome is None
    assert verdict(f"<!DOCTYPE html><title>Rivers</title>{ARTICLE.replace('</p>', '')}").outcome is None


def test_another_language_than_the_stored_one_is_not_the_page() -> None:
    german = (
        "<p>Das Wasser fließt den Berg hinab, und ein Fluss ist das, was entsteht, wenn sehr viel davon auf der "
        "gleichen Linie und für eine lange Zeit fließt. In der Nähe der Quelle ist er schmal und das Tal ist eng.</p>"
    )
    assert verdict(framed("<h1>Wie Flüsse das Meer finden</h1>" + german * 3), STORED).reason == Reason.LANGUAGE
    chinese = "<h1>河流如何找到大海</h1>" + "<p>水往低处流，河流是大量的水长时间沿着同一条线流动的结果。</p>" * 8
    assert verdict(framed(chinese), STORED).reason == Reason.LANGUAGE


def test_a_page_with_nothing_of_the_stored_text_is_another_page() -> None:
    other = (
        "<h1>Our cookies</h1>" + "<p>Flour, butter, sugar; bake for ten minutes and let them cool on a rack.</p>" * 20
    )
    assert verdict(framed(other), STORED).reason == Reason.OTHER


def test_stored_text_that_only_the_scripts_hold_makes_a_shell() -> None:
    chrome = "<main><p>" + "Read more of what we have to say about the world. " * 12 + "</p></main>"
    script = f"<script>self.push({escape(ARTICLE)!r})</script>"
    assert verdict(document(chrome + script), STORED).reason == Reason.SHELL


def test_a_large_loss_is_doubt_that_a_later_visit_settles() -> None:
    short = framed("<h1>How rivers find the sea</h1>" + "<p>We wrote something else about how all of it works.</p>" * 8)
    long = STORED + STORED[::-1] * 3
    first = verdict(short, long)
    assert first.reason in DOUBTS
    again = verdict(short, long, accept=frozenset({first.reason}))
    assert again.outcome is None
    assert again.digest == first.digest


def test_what_is_accepted_is_no_longer_held_against_a_page() -> None:
    html = framed("<h1>Page not found</h1>")
    assert verdict(html, accept=frozenset({Reason.NOT_FOUND})).outcome is None


def test_accepting_another_page_accepts_its_text() -> None:
    other = framed("<h1>Biscuits</h1>" + "<p>Flour, butter, sugar; bake for ten minutes and let them cool.</p>" * 20)
    assert verdict(other, STORED, accept=frozenset({Reason.OTHER})).outcome is None


def test_pages_that_show_the_same_text_have_the_same_digest() -> None:
    assert verdict(framed(ARTICLE)).digest == verdict(framed(ARTICLE).replace("<p>", "<p class=x>")).digest
    assert verdict(framed(ARTICLE)).digest != verdict(framed(ARTICLE + "<p>More.</p>")).digest


def test_an_empty_answer_is_empty() -> None:
    assert verdict("").reason == Reason.EMPTY


@given(st.text(), st.text(), st.text())
def test_any_answer_and_any_stored_text_get_a_verdict(html: str, stored: str, url: str) -> None:
    answer = Answer(200, url, url + "/", {"content-length": url}, html, len(html))
    assert isinstance(judge(answer, page.parse(html, url), stored), Verdict)


def test_the_options_of_a_field_are_no_text_of_a_page() -> None:
    field = "<p>Choose a river: <select><optgroup label=North><option>{}</option></optgroup></select> and go.</p>"
    rhine, danube, neither = (
        verdict(framed(one)).digest for one in (field.format("Rhine"), field.format("Danube"), "")
    )
    assert rhine == danube != neither


@given(
    st.lists(
        st.sampled_from([piece for pages in NOT_THE_PAGE.values() for piece in pages] + [ARTICLE, MENU, "<", "<div"])
    )
)
def test_any_mixture_of_pieces_of_pages_gets_a_verdict(pieces: list[str]) -> None:
    assert isinstance(verdict("".join(pieces), STORED), Verdict)


@given(st.lists(st.text(st.characters(categories=["L", "Nd"]), min_size=2), min_size=30), st.sampled_from(CASES))
def test_a_page_whose_text_is_the_stored_text_is_good(words: list[str], case: tuple[Reason, str]) -> None:
    text = " ".join(words)
    assert verdict(framed(f"<p>{escape(text)}</p>{case[1]}"), text).outcome is None


def test_the_most_tags_that_are_read_at_all_are_judged() -> None:
    html = "<b>x</b>" * MOST_TAGS
    assert isinstance(verdict(html, STORED), Verdict)
