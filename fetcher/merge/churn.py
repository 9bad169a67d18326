"""What changes by itself: told by its form, without memory."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from fetcher.page.words import pieces


class Noise(StrEnum):
    """Kinds of differences that are held back; `-a accept=` takes the names of all but the last two."""

    TIME = "time"  # relative times, and dates in their place
    COUNTER = "counter"  # numbers of views, likes, comments
    LETTERS = "letters"  # capitals, quotes, dashes and stops of prose, where nothing else in the block changes
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
    ago yesterday today recently hier aujourd il gestern heute vor ayer hoy hace ieri oggi fa ontem hoje há atrás
    geleden gisteren vandaag
    temu wczoraj dziś dzisiaj назад вчера сегодня 前 昨 今 刚 剛
    """.split()
)
# What a line of nothing but a relative time, without a number, has at least one of.
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
# Words that say of a line that it tells a time, and no duration.
_SAYS = _TELLS | frozenset(
    """
    updated modified edited posted published reviewed now just actualisé modifié publié maintenant aktualisiert jetzt
    actualizado ahora aggiornato adesso atualizado agora bijgewerkt nu обновлено сейчас 更 新
    """.split()
)
# What pages count by themselves. A number beside such a name is a counter where the two stand alone.
_COUNTED = frozenset(
    """
    view views like likes comment comments reply replies star stars fork forks watching download downloads
    follower followers share shares review reviews rating ratings vote votes upvotes visit visits online
    subscriber subscribers reaction reactions play plays answer answers
    vues commentaires avis aufrufe kommentare bewertungen vistas comentarios visualizzazioni commenti
    visualizações weergaven reacties просмотров visningar kommentarer wyświetleń komentarzy görüntülenme yorum
    """.split()
)


class Side(NamedTuple):
    """One side of an edit: its text, and what stands before and after it in its block."""

    text: str
    before: str = ""
    after: str = ""


def churn(old: Side, new: Side) -> str:
    """Why an edit is what changes by itself; empty where it is none.

    >>> str(churn(Side("2", "Posted ", " hours ago"), Side("5", "Posted ", " hours ago")))
    'time'
    >>> churn(Side("a week", "Cancel within ", "."), Side("a month", "Cancel within ", "."))
    ''
    """
    if not (old.text or new.text):
        return ""
    if _is_letters(old, new):
        return Noise.LETTERS
    if not (old.before or old.after) and is_time(old.text, new.text):
        return Noise.TIME
    if _is_phrase(old) and (_is_phrase(new) or _date(new.text)):
        return Noise.TIME
    if _numeric(old.text) and _numeric(new.text) and _is_counter(old) and _is_counter(new):
        return Noise.COUNTER
    return ""


def is_time(old: str, new: str) -> bool:
    """Whether two texts are nothing but relative times, or one of them a date, or nothing, in its place.

    A date alone that comes or goes is one too; a date that gives way to another is a change, and so is a duration.

    >>> is_time("Updated this week", "March 16, 2026"), is_time("5 days", "6 days"), is_time("May 1", "May 2")
    (True, False, False)
    """
    one, other = _words(old), _words(new)
    if not one or not other:
        return _relative(one or other) or _date(old + new)
    return _relative(one) and (_relative(other) or _date(new))


def _words(text: str) -> list[str]:
    return [word for word in pieces(text.lower()) if word[0].isalnum()]


def _is_of_time(word: str) -> bool:
    return word in RELATIVE or word.isdigit()


def _relative(words: Sequence[str]) -> bool:
    """Whether the words are a relative time: with a number, they have a word that no duration has."""
    if not 0 < len(words) <= 10 or not all(map(_is_of_time, words)):
        return False
    return not _SAYS.isdisjoint(words) or not (_UNITS.isdisjoint(words) or any(map(str.isdigit, words)))


def _is_phrase(side: Side) -> bool:
    """Whether a text is part of a relative time in its block: numbers in it have the unit that they count."""
    inner = _words(side.text)
    if not inner or not all(map(_is_of_time, inner)):
        return False
    before = [*takewhile(_is_of_time, reversed(_words(side.before)))][::-1]
    words = [*before, *inner, *takewhile(_is_of_time, _words(side.after))]
    counted = (
        word.isdigit() and (after in _TELLS or not after) for word, after in zip(words, [*words[1:], ""], strict=True)
    )
    return not _TELLS.isdisjoint(words) and (not any(counted) or words[-1] == "前")


def _is_counter(side: Side) -> bool:
    """Whether nothing but the name of what is counted stands beside a number, up to the next bar or dot."""
    before, after = _SEPARATOR.split(side.before)[-1], _SEPARATOR.split(side.after)[0]
    words = [word for word in _words(f"{before} {after}") if not word.isdigit()]
    return bool(words) and _COUNTED.issuperset(words)


_SEPARATOR = re.compile(r"[·•|/;–—]|\s-\s|,\s")


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


def _date(text: str) -> bool:
    """Whether a text is a date: a month with a number, or a year among three numbers."""
    words = _WORD.findall(text.lower())
    numbers = [word for word in words if word.isdigit()]
    rest = {word for word in words if not word.isdigit()} - {"de"}
    if len(words) > 6 or not (rest or numbers):
        return False
    if not rest:
        return len(numbers) >= 3 and any(map(_YEAR.fullmatch, numbers))
    return all(map(_IN_CHARACTERS.fullmatch, rest)) or (bool(numbers) and rest <= _MONTHS)


def _is_letters(old: Side, new: Side) -> bool:
    """Whether only capitals of words of prose, and signs between its words, are others."""
    if _joined(old).casefold() != _joined(new).casefold():
        return False
    if _joined(old) != _joined(new) and not (_is_plain_word(old) and _is_plain_word(new)):
        return False
    return all(_is_between_words(*each) for side in (old, new) for each in _signs(side))


def _joined(side: Side) -> str:
    """The words of a text with the one before and the one after it: parts of words may go on there."""
    before, after = side.before.rstrip().rpartition(" "), side.after.lstrip().partition(" ")
    space_before, space_after = " " * side.before.endswith(" "), " " * side.after.startswith(" ")
    return " ".join(_WORD.findall(before[2] + space_before + side.text + space_after + after[0]))


_WORD = re.compile(r"[^\W_]+")


def _glued(side: Side) -> str:
    """The text with what touches it on both sides."""
    before = "" if side.text[:1].isspace() else side.before.rpartition(" ")[2]
    return before + side.text + ("" if side.text[-1:].isspace() else side.after.partition(" ")[0])


def _is_plain_word(side: Side) -> bool:
    """Whether a text begins and ends in words of letters, not in a part of a name such as `Dock.open` or `v2`."""
    return not _NAME.search(_glued(side))


_NAME = re.compile(r"\w[.:/@\\_#]\w|\d[^\W\d_]|[^\W\d_]\d|_|(?:^|\s)[-./@:]+\w|\w\(")


def _signs(side: Side) -> Iterator[tuple[str, str, str]]:
    """Each sign of a text, with the signs that stand beside it: a space where there is none, nothing at the end."""
    text, start = side.before + side.text + side.after, len(side.before)
    raised = {at for match in _RAISED.finditer(text) for at in (match.start(1), match.start(2))}
    for at in range(start, start + len(side.text)):
        sign = "" if at in raised else text[at]
        if sign and not (sign.isalnum() or sign.isspace()):
            yield sign, text[max(0, at - 1) : at], text[at + 1 : at + 2]


_RAISED = re.compile(r"\^(\()[^()]*(\))")  # as some dialects write what stands above the line


# Signs that a text can do with or without.
_QUOTES, _DASHES, _STOPS, _BULLETS = "'\"«»‹›", "-", ".,;:!?…¡¿、。・", "·•"
_PLACES = "¶§#↩↵⤴↑🔗⚓∞\ufe0e\ufe0f"  # that lead to a place of the page, at the end of a block
_SLIPS = "*\\_^`|[]"  # of dialects


def _is_between_words(sign: str, before: str, after: str) -> bool:
    """Whether a sign only parts or ends words of prose, and is no part of a number, a name or code."""
    inside = before.isalnum() and after.isalnum()
    if sign in _QUOTES:
        return not (before.isdigit() and after.isdigit())
    if sign in _DASHES:
        opens = after.isalnum() and not before.isalnum()
        return not (opens or before in _DASHES or after in _DASHES) and not (
            inside and (before.isdigit() or after.isdigit())
        )
    if sign in _STOPS:
        return not after.isalnum() or sign in "¡¿"
    if sign in _PLACES:
        return not (after or before.isalnum())
    return sign in _BULLETS or sign in _SLIPS


def _numeric(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text.strip()))


_NUMBER = re.compile(r"[\d.,'\s]*\d[\d.,'\s]*[kKmM+]?")
