"""Recognises relative times, time stamps and dates, by their words in many languages."""

import re
from collections.abc import Sequence
from itertools import takewhile

from fetcher.page.words import split_words
from fetcher.region.page_lines import UPDATED

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
# Words that only relative times have, by which one is recognised within a text.
_TELLS = frozenset(
    """
    ago yesterday today recently hier aujourd il gestern heute vor ayer hoy hace ieri oggi fa ontem hoje há atrás
    geleden gisteren vandaag
    temu wczoraj dziś dzisiaj назад вчера сегодня 前 昨 今 刚 剛
    """.split()
)
# A line that is only a relative time without a number has one of these.
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
# Words by which a line is a time, and not a duration.
_SAYS = _TELLS | frozenset(
    """
    updated modified edited posted published reviewed now just actualisé modifié publié maintenant aktualisiert jetzt
    actualizado ahora aggiornato adesso atualizado agora bijgewerkt nu обновлено сейчас 更 新
    """.split()
)


def is_time(old: str, new: str) -> bool:
    """Whether two texts are nothing but relative times, or one of them a date, or nothing, in its place.

    A date alone that comes or goes is one too; a date that gives way to another is a change, and so is a duration.

    >>> is_time("Updated this week", "March 16, 2026"), is_time("5 days", "6 days"), is_time("May 1", "May 2")
    (True, False, False)
    """
    one, other = words_of(old), words_of(new)
    if not one or not other:
        return _relative(one or other) or is_date(old + new)
    return _relative(one) and (_relative(other) or is_date(new))


def is_stamp(old: str, new: str) -> bool:
    """Whether two texts only differ in a time stamp of a program, or are prompts of a notebook such as `In [3]:`.

    A time stamp has seconds, or stands beside a word such as "updated".

    >>> is_stamp("Built 2026-02-03 10:11:12", "Built 2026-02-04 01:02:03"), is_stamp("At 10:00", "At 11:00")
    (True, False)
    """
    if _PROMPT.fullmatch(old) and _PROMPT.fullmatch(new):
        return True
    one, other = (_WORD.findall(text.lower()) for text in (old, new))
    if not (_is_of_machine(old, one) and _is_of_machine(new, other)):
        return False
    return [word for word in one if not _is_of_date(word)] == [word for word in other if not _is_of_date(word)]


_PROMPT = re.compile(r"\w* ?\[ ?[\d*]* ?\]:?")  # of a notebook's cell
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_LABELS = frozenset(
    {"generated", "built", "rendered", "compiled", "deployed", "erstellt", "généré", "generado", "сгенерировано"}
)


def _is_of_machine(text: str, words: Sequence[str]) -> bool:
    clock = _CLOCK.search(text)
    if clock is None:
        return False
    return bool(clock[1] or UPDATED.match(text)) or not (_SAYS | _LABELS).isdisjoint(words)


def _is_of_date(word: str) -> bool:
    return word[0].isdigit() or word in _MONTHS or word in _DAYS or word in _ZONES


_DAYS = frozenset(
    """
    mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday
    montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche
    lunes martes miércoles jueves viernes sábado domingo
    """.split()
)
_ZONES = frozenset("am pm utc gmt z t est edt cst cdt mst mdt pst pdt cet cest bst jst ist".split())


def _is_of_time(word: str) -> bool:
    return word in RELATIVE or word.isdigit()


def _relative(words: Sequence[str]) -> bool:
    """Whether the words are a relative time, and no duration."""
    if not 0 < len(words) <= 10 or not all(map(_is_of_time, words)):
        return False
    return not _SAYS.isdisjoint(words) or not (_UNITS.isdisjoint(words) or any(map(str.isdigit, words)))


def is_phrase(text: str, before: str, after: str) -> bool:
    """Whether a text is part of a relative time in its block, and no number in it counts something else."""
    inner = words_of(text)
    if not inner or not all(map(_is_of_time, inner)):
        return False
    head = [*takewhile(_is_of_time, reversed(words_of(before)))][::-1]
    words = [*head, *inner, *takewhile(_is_of_time, words_of(after))]
    told = zip(words[: len(head) + len(inner)], [*words[1:], ""], strict=False)  # a number after these counts others
    counted = (word.isdigit() and (after in _TELLS or not after) for word, after in told)
    return not _TELLS.isdisjoint(words) and (not any(counted) or words[-1] == "前")


def words_of(text: str) -> list[str]:
    """The words and numbers of a text in lower case; of scripts without spaces each sign is one."""
    return [word for word in split_words(text.lower()) if word[0].isalnum()]


_WORD = re.compile(r"[^\W_]+")
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


def is_date(text: str) -> bool:
    """Whether a text is a date: a month with a number, or a year among three numbers."""
    words = _WORD.findall(text.lower())
    numbers = [word for word in words if word.isdigit()]
    rest = {word for word in words if not word.isdigit()} - {"de"}
    if len(words) > 6 or not (rest or numbers):
        return False
    if not rest:
        return len(numbers) >= 3 and any(map(_YEAR.fullmatch, numbers))
    return all(map(_IN_CHARACTERS.fullmatch, rest)) or (bool(numbers) and rest <= _MONTHS)
