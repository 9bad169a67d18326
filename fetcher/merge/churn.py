"""What changes by itself: told by its form, without memory."""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum


class Noise(StrEnum):
    """Kinds of differences that are held back; `-a accept=` takes the names of all but the last two."""

    TIME = "time"  # relative times, and dates in their place
    COUNTER = "counter"  # numbers of views, likes, comments
    LETTERS = "letters"  # capitals and punctuation, where nothing else in the block changes
    EDGES = "edges"  # menus before the text, lists of other pages after it
    CHURN = "churn"  # what memory knows to change by itself: lists that rotate, values that come back
    LINK = "link"  # a link that leads elsewhere, which cannot be found in the stored source
    CONFLICT = "conflict"  # what a person edited, and the page changed too
    UNCONFIRMED = "unconfirmed"  # what only one of two fetches showed


# Words of relative times and of "updated", in the languages that most pages are written in. Only an edit that
# consists of nothing else is held back.
RELATIVE = frozenset(
    """
    ago yesterday today tomorrow now just recently last this next about over almost nearly more than less a an
    the one few several
    couple moment moments within past since ever earlier later
    second seconds sec secs minute minutes min mins hour hours hr hrs day days week weeks month months year years
    updated modified edited posted published reviewed on at in
    il y environ plus de hier aujourd hui demain maintenant seconde secondes heure heures jour jours semaine
    semaines mois an ans année années
    mis à jour modifié publié cette ce dernière dernier moins
    vor etwa über fast gestern heute morgen jetzt gerade sekunde sekunden stunde stunden tag tage tagen woche
    wochen monat monate monaten jahr jahre
    jahren aktualisiert diese dieser letzte letzten einem einer eine ein mehr als
    hace ayer hoy mañana ahora segundo segundos minuto minutos hora horas día días semana semanas mes meses año
    años actualizado esta este más menos
    de una un unos unas alrededor
    fa ieri oggi domani adesso secondi minuti ore ora giorno giorni settimana settimane mese mesi anno anni
    aggiornato questa questo più circa
    há atrás ontem hoje amanhã agora segundos minutos dia dias semana semanas mês anos ano atualizado mais cerca
    geleden gisteren vandaag nu seconden minuten uur uren dag dagen weken maand maanden jaar bijgewerkt deze
    vorige meer dan een
    temu wczoraj dziś dzisiaj sekund minut godzin godzina godziny dni dzień tydzień tygodni tygodnie miesiąc
    miesiące miesięcy rok lata lat
    назад вчера сегодня секунд минут минуты часов часа час день дня дней неделю недели недель месяц месяца
    месяцев год года лет обновлено
    前 分 時 間 秒 日 週 周 月 年 昨 今 天 小 时 刚 剛 才 更 新 於 于 约 約 先 ヶ か
    """.split()
)
# A word that only a relative time has: enough to tell one in the middle of a text.
_TELLS = frozenset(
    """
    ago yesterday today recently hier aujourd gestern heute vor ayer hoy hace ieri oggi fa ontem hoje há atrás
    geleden gisteren vandaag
    temu wczoraj dziś dzisiaj назад вчера сегодня 前 昨 今 刚 剛
    """.split()
)
# What a line of nothing but a relative time has at least one of.
_UNITS = _TELLS | frozenset(
    """
    now just moment moments minute minutes hour hours day days week weeks month months updated semaine semaines
    mois jour jours heure heures
    maintenant woche wochen tag tagen tage stunde stunden monat monate monaten jetzt semana semanas mes meses
    día días hora horas ahora
    settimana settimane mese mesi giorno giorni ora ore mês dia dias agora week weken dag dagen uur tydzień
    tygodnie dni godzin
    день дня дней неделю недели недель час часа часов месяц месяца месяцев 分 時 小 日 週 周 月
    """.split()
)
_COUNTED = frozenset(
    """
    view views like likes comment comments reply replies star stars fork forks watching download downloads
    follower followers member members reader
    readers share shares review reviews rating ratings vote votes upvotes visit visits visitor visitors online
    subscriber subscribers reaction reactions
    vues commentaires avis aufrufe kommentare bewertungen vistas comentarios visualizzazioni commenti
    visualizações weergaven reacties просмотров
    """.split()
)


def churn(removed: str, added: str, before: str = "", after: str = "") -> str:
    """Why an edit is what changes by itself; empty where it is none.

    `removed` and `added` are the texts of the edit, `before` and `after` what stands around it in its block.

    >>> str(churn("2", "5", "Posted", "hours ago")), str(churn("a week", "a month", "Cancel within", "."))
    ('time', '')
    """
    if not (removed or added):
        return ""
    one, other = (_WORD.findall((_last(before) + text + _first(after)).casefold()) for text in (removed, added))
    if one == other and not _telling(removed) and not _telling(added):
        return Noise.LETTERS
    if not (before or after or _telling(removed + added)) and is_time(removed, added):
        return Noise.TIME
    old, new = _words(removed), _words(added)
    tells = _ANY if {*_words(before)[-3:], *_words(after)[:3]} & _TELLS else _TELLS
    if _relative(old, tells) and (_relative(new, tells) or _date(new)):
        return Noise.TIME
    if _numeric(removed) and _numeric(added) and {*_words(before)[-2:], *_words(after)[:2]} & _COUNTED:
        return Noise.COUNTER
    return ""


def is_time(old: str, new: str) -> bool:
    """Whether two texts are nothing but relative times, or one of them a date, or nothing, in its place.

    A date alone that comes or goes is one too; a date that gives way to another is a change.

    >>> is_time("Updated this week", "March 16, 2026"), is_time("5 items", "6 items"), is_time("May 1", "May 2")
    (True, False, False)
    """
    one, other = _words(old), _words(new)
    if not one or not other:
        return _relative(one or other, _UNITS) or _date(one or other)
    return _relative(one, _UNITS) and (_relative(other, _UNITS) or _date(other))


_ANY = RELATIVE  # beside a word that tells, any word of a relative time, and any number, is part of it


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


_WORD = re.compile(r"[^\W_]+")


def _last(text: str) -> str:
    return text[text.rfind(" ", 0, len(text) - 1) + 1 :]


def _first(text: str) -> str:
    end = text.find(" ", 1)
    return text if end < 0 else text[:end]


def _telling(text: str) -> bool:
    """Whether a sign says something: a currency, an operator."""
    return any(unicodedata.category(sign) in ("Sc", "Sm") and sign not in "~|" for sign in text)


def _relative(words: Sequence[str], tells: frozenset[str]) -> bool:
    """Whether the words are a relative time and have one of the words that tell it."""
    return (
        0 < len(words) <= 10
        and all(word.isdigit() or word in RELATIVE for word in words)
        and any(word in tells or (tells is _ANY and word.isdigit()) for word in words)
    )


_MONTHS = frozenset(
    """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre janv févr avr juil déc
    januar jänner februar märz juni juli oktober dezember mär okt dez
    enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre ene abr ago dic
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre gen mag giu lug set ott
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro fev out
    januari februari maart mei augustus mrt
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    янв фев мар апр июн июл авг сен сент окт ноя дек
    """.split()
)
_IN_CHARACTERS = re.compile(r"(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日)?")
_YEAR = re.compile(r"(?:19|20)\d\d")


def _date(words: Sequence[str]) -> bool:
    """Whether the words are a date: a month with a number, or a year among three numbers."""
    numbers = [word for word in words if word.isdigit()]
    rest = {word for word in words if not word.isdigit()} - {"de"}
    if len(words) > 6 or not (rest or numbers):
        return False
    if not rest:
        return len(numbers) >= 3 and any(map(_YEAR.fullmatch, numbers))
    return all(map(_IN_CHARACTERS.fullmatch, rest)) or (bool(numbers) and rest <= _MONTHS)


def _numeric(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text.strip()))


_NUMBER = re.compile(r"[\d.,'\s]*\d[\d.,'\s]*[kKmM+]?")
