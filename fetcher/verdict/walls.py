"""Walls in front of a page: log in, consent, pay."""

import re
from urllib.parse import urlsplit

from fetcher.verdict.notices import Notice, mentioned, said
from fetcher.verdict.sight import Sight

# A step of an address that leads to a form for logging in, in the languages of paths.
_LOGIN_STEP = re.compile(
    r"""(?:^|[/._-])(?:
        log-?in | log-?on | sign-?in | signup | sign-?on | session | sessions | accounts? | auth | wp-login
        | sso | saml2? | oauth2? | authorize | openid | adfs | cas      # protocols and products
        | anmelden | anmeldung | connexion | se-connecter | acceso | iniciar-sesion | accedi | entrar | inloggen
        | logowanie | zaloguj
    )(?:$|[/._-])""",
    re.VERBOSE,
)
_CONSENT_STEP = re.compile(
    r"""(?:^|[/._-])(?:
        consent | privacy-?(?:gate|wall) | cookie-?(?:wall|consent) | gdpr | collectconsent | zustimmung
    )(?:$|[/._-])""",
    re.VERBOSE,
)
# What the headline of such a question is about. Banners are on every other page, so a button alone says nothing.
_CONSENT_TOPIC = re.compile(
    r"cookie|consent|privacy|data protection|before you continue"
    r"|datenschutz|zustimm|einwillig|privatsphäre|confidentialité|vie privée|privacidad|consenso|riservatezza"
    r"|toestemming|prywatnoś|zgod[ay]|согласи|конфиденциальн|souhlas|gizlilik|çerez"
    r"|クッキー|プライバシー|隐私|隱私|쿠키|개인정보|الخصوصية|ملفات تعريف"
)
_PAYWALL_MARKS = re.compile(
    r"""
    "isaccessibleforfree"\s*:\s*"?false      # schema.org, asked for by search engines
    | (?:class|id)=["'][^"'>]{0,200}\b(?:pay-?wall|reg-?wall|paid-?content|subscriber-only|premium-wall|piano-|tp-modal)
    """,
    re.VERBOSE,
)
_LITTLE = 1500


def login(sight: Sight, asked: str) -> str | None:
    """The evidence that a form for logging in stands where the page should, None without any."""
    if _led_to(_LOGIN_STEP, asked, sight.url):
        return f"redirected to {sight.url}"
    if sight.main_size > _LITTLE:
        return None
    if sight.main.xpath("boolean(.//input[@type='password'][not(ancestor::header or ancestor::nav)])"):
        return "a form that asks for a password and hardly any text"
    has_form = sight.main.xpath("boolean(.//form//input[not(@type='hidden' or @type='search' or @type='submit')])")
    notice = said(Notice.LOGIN, (sight.title, *sight.headings[:2])) if has_form else None
    return f"a form below “{notice}”" if notice else None


def consent(sight: Sight, asked: str) -> str | None:
    """The evidence that a question for consent stands where the page should, None without any."""
    if _led_to(_CONSENT_STEP, asked, sight.url):
        return f"redirected to {sight.url}"
    if sight.main_size > _LITTLE or not any(_CONSENT_TOPIC.search(line) for line in sight.headlines):
        return None
    buttons = [" ".join(button.text_content().split()) for button in sight.root.iter("button", "a") if len(button) < 4]
    buttons += sight.root.xpath("//input[@type='submit' or @type='button']/@value")
    notice = said(Notice.CONSENT, buttons[:40])
    return f"a button “{notice}” and hardly any text" if notice else None


def paywall(sight: Sight) -> str | None:
    """The evidence that a page shows only its beginning to those who do not pay, None without any."""
    notice = said(Notice.PAYWALL, (*sight.headings, *sight.lines)) or mentioned(Notice.PAYWALL, sight)
    if notice and (_PAYWALL_MARKS.search(sight.source) or sight.main_size <= 2 * _LITTLE):
        return f"the page says “{notice}”"
    return None


def _led_to(step: re.Pattern[str], asked: str, answered: str) -> bool:
    """Whether an address other than the one asked for answered, and only that one looks like such a step."""
    try:
        before, after = urlsplit(asked.casefold()), urlsplit(answered.casefold())
    except ValueError:
        return False
    if (before.netloc, before.path) == (after.netloc, after.path):
        return False
    pairs = ((before.netloc, after.netloc), (before.path, after.path))
    return any(step.search(new) and not step.search(old) for old, new in pairs)
