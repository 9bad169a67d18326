"""The language of a text: told by its script, and for Latin letters by the words that every sentence needs."""

import re
from collections import Counter

_SCRIPTS = {
    "Japanese": re.compile(r"[\u3040-\u30ff]"),
    "Korean": re.compile(r"[\uac00-\ud7af]"),
    "Chinese": re.compile(r"[\u4e00-\u9fff]"),
    "Cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "Arabic": re.compile(r"[\u0600-\u06ff]"),
    "Hebrew": re.compile(r"[\u0590-\u05ff]"),
    "Greek": re.compile(r"[\u0370-\u03ff]"),
    "Thai": re.compile(r"[\u0e00-\u0e7f]"),
    "Devanagari": re.compile(r"[\u0900-\u097f]"),
}
_WORDS = {
    "English": "the of and to in is that for with on are this be you it by or from not your",
    "German": "der die das und ist nicht ein eine zu den mit auf für von sie wir sich auch dem werden",
    "French": "le la les des et est un une dans pour que qui sur pas vous nous avec ce au du",
    "Spanish": "el la los las de que y en un una por con para es no se del su al como",
    "Italian": "il lo gli di che e un una per con non è sono del della nel si da le i",
    "Portuguese": "o a os as de que e em um uma para com não é se do da no na por",
    "Dutch": "de het een en van is niet dat op te voor met zijn aan er je u wij ook bij",
    "Polish": "i w na z się nie do to jest że o jak po za od przez dla są oraz lub",
    "Swedish": "och att det som en är på för med av den till inte om ett vi du kan",
    "Danish": "og at det som en er på for med af den til ikke om et vi du kan",
    "Czech": "a se na je že v to s z o do jako pro by jsou nebo jeho podle které",
    "Turkish": "ve bir bu için ile da de olarak daha çok en olan gibi kadar sonra veya",
    "Indonesian": "yang dan di untuk dengan dari ini pada tidak dalam akan atau anda kami ke",
}
_STOP = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 8000


def language(text: str) -> str | None:
    """The name of the text's language or script; None where the text is too short or too mixed to tell.

    >>> language("the cat and the dog are in the house " * 5), language("кошка и собака в доме " * 5)
    ('English', 'Cyrillic')
    """
    sample = text[:_SAMPLE].casefold()
    letters = sum(map(str.isalpha, sample))
    if letters < 60:
        return None
    # Japanese and Korean also write Chinese signs, so they are asked first and need fewer.
    for name, script in _SCRIPTS.items():
        if len(script.findall(sample)) > letters * (0.15 if name in {"Japanese", "Korean"} else 0.5):
            return name
    return _by_words(Counter(_WORD.findall(sample)))


def _by_words(words: Counter[str]) -> str | None:
    """The language whose commonest words are at least an eighth of all, and clearly more than any other's."""
    scores = sorted(((sum(words[word] for word in stop), name) for name, stop in _STOP.items()), reverse=True)
    (best, name), (second, _) = scores[:2]
    return name if best * 8 >= words.total() and best >= 1.3 * second else None
