"""Lessons that the corpus does not give often enough, made out of its own pairs while training.

Each lesson is a function of a pair and a source of chance that gives the changed pair, or None where the pair has nothing for it:

- ``placeholders``: ``<r0>``… in place of what both sides share, or beside the sentence, to be carried through
- ``names``: a name of any shape in place of one that both sides share, to be copied
- ``figures``: other numbers in place of those that both sides share, French form on one side, English form on the other
- ``title``, ``capitals``, ``small``: both sides in the capitals of headings, in capitals, in small letters
- ``stops``: both sides without their full stop, as headings and captions are
- ``accents``, ``apostrophes``: slips and habits of typists: the English stays as a careful writer has it

`teach` draws them. The same chance gives the same lessons.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bilingual.inflection import is_brand_like
from training.annotation import TAGS, Tags, annotate
from training.corpus import Pair
from training.links import words
from training.settings import Mixture

PLACEHOLDERS = tuple(f"<r{i}>" for i in range(13))
"""Pieces of the vocabulary that stand for what must come through letter by letter."""

_CAPITALISED = re.compile(r"(?<![\w'’.\-])[A-Z][A-Za-zà-öø-ÿ]{3,}(?![\w\-])")
_SHARED = re.compile(r"(?<![\w'’.@#/-])(?:https?://)?[\w@#][\w@#/_.:+-]*[\w/](?![\w'’@/-])")
_STANDS_OUT = re.compile(r"[A-Z\d_@#/:]|\w\.\w")
_GROUPED = re.compile(r"(?<![\d.,])(?<!\d[ \u00a0\u202f])\d{1,3}(?:[ \u00a0\u202f.]\d{3})+(?!\d|[.,]\d|[ \u00a0\u202f]\d{3})")
_DECIMAL = re.compile(r"(?<![\d.,])(?<!\d[ \u00a0\u202f])\d{1,3},\d{1,2}(?!\d|[.,]\d)")
_SEPARATORS = (" ", "\u00a0", "\u202f", ".")
_SMALL_WORDS = frozenset("the a an of in on at to for and or by with from as is".split())
_SYLLABLES = "ba bel cor dan el fen gra hal is jo ka lin mor ner o pra quo ri sa tel ul vor wen xi yo zan".split()


@dataclass(frozen=True, slots=True)
class Lessons:
    """What `teach` draws from: how often, the names of the corpus, and the pieces of the vocabulary (empty or None: not to be taught)."""

    mixture: Mixture
    names: Sequence[str] = ()
    placeholders: Sequence[str] = PLACEHOLDERS
    tags: Tags | None = TAGS


def teach(pair: Pair, chance: random.Random, lessons: Lessons) -> Pair:
    """The pair as it is trained on this time: itself, or changed by one or more lessons. Links stay where the words stay in place.

    >>> pair = Pair("Le chat dort.", "The cat sleeps.", ((1, 1),))
    >>> teach(pair, random.Random(1), Lessons(Mixture(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))) == pair
    True
    """
    mixture = lessons.mixture
    if lessons.tags and pair.terms and chance.random() < mixture.annotated:
        return annotate(pair, chance, lessons.tags, mixture.singular) or pair
    if lessons.placeholders and chance.random() < mixture.placeholders:
        return placeholders(pair, chance, lessons.placeholders)
    made = pair
    if chance.random() < mixture.names:
        made = names(made, chance, lessons.names) or made
    if chance.random() < mixture.figures:
        made = figures(made, chance) or made
    draw = chance.random()
    for share, lesson in ((mixture.capitals, capitals), (mixture.small, small), (mixture.title, title), (mixture.stops, stops)):
        if draw < share:
            made = lesson(made) or made
            break
        draw -= share
    if chance.random() < mixture.accents:
        made = accents(made)
    if chance.random() < mixture.apostrophes:
        made = apostrophes(made)
    kept = pair.links if pair.links and _same_words(pair, made) else None
    return replace(made, links=kept, terms=())


def _same_words(one: Pair, other: Pair) -> bool:
    """Whether both have as many words on each side, so that links of one hold for the other: changes are made word for word."""
    return len(words(one.french)) == len(words(other.french)) and len(words(one.english)) == len(words(other.english))


def placeholders(pair: Pair, chance: random.Random, pieces: Sequence[str] = PLACEHOLDERS) -> Pair:
    """One to three things that stand once on both sides (names, codes, addresses, numbers) as placeholders; at times a few beside it.

    Contract: every placeholder used stands once on either side.

    >>> placeholders(Pair("Il a vu GPT-4 hier.", "He saw GPT-4 yesterday."), random.Random(4)).english
    'He saw <r0> yesterday.'
    """
    shared = _shared(pair)
    count = min(len(shared), chance.choice((1, 1, 1, 2, 2, 3)))
    chosen = chance.sample(shared, count)
    if chance.random() < 0.6:
        chosen.sort(key=pair.french.find)
    order = list(pieces) if chance.random() < 0.6 else chance.sample(list(pieces), len(pieces))
    french, english, used = pair.french, pair.english, 0
    for word in chosen:
        if all(len(_standing(word, side)) == 1 for side in (french, english)):
            french, english = (_put(word, order[used], side) for side in (french, english))
            used += 1
    if not used or chance.random() < 0.12:
        beside = " ".join(order[used : used + chance.randint(1, 3)])
        first = chance.random() < 0.5
        french, english = (f"{beside} {side}" if first else f"{side} {beside}" for side in (french, english))
    return Pair(french, english, None, (), pair.weight)


def _shared(pair: Pair) -> list[str]:
    ours, theirs = Counter(_SHARED.findall(pair.french)), Counter(_SHARED.findall(pair.english))
    return [w for w in ours if ours[w] == theirs.get(w) == 1 and _STANDS_OUT.search(w)]


def _standing(word: str, text: str) -> list[re.Match[str]]:
    return list(re.finditer(rf"(?<![\w'’.@#/<-]){re.escape(word)}(?![\w'’@/>-])", text))


def _put(word: str, other: str, text: str) -> str:
    for match in reversed(_standing(word, text)):
        text = text[: match.start()] + other + text[match.end() :]
    return text


def corpus_names(pairs: Sequence[Pair], most: int = 40) -> list[str]:
    """Capitalised words that stand on both sides of a pair, inside the sentence: names to put elsewhere; frequent ones left out.

    >>> corpus_names([Pair("La ville de Memphis grandit.", "The city of Memphis grows.")])
    ['Memphis']
    """
    counted: Counter[str] = Counter()
    for pair in pairs:
        inside = {m.group() for m in _CAPITALISED.finditer(pair.french) if m.start()}
        counted.update(inside & set(_CAPITALISED.findall(pair.english)))
    return sorted(name for name, n in counted.items() if n <= most)


def invent_name(chance: random.Random, known: Sequence[str] = ()) -> str:
    """A name of any shape: one that is known, or a new one: of syllables, CamelCase, letters and digits, capitals.

    >>> len({invent_name(random.Random(i)) for i in range(40)}) > 30
    True
    """
    draw = chance.random()
    if known and draw < 0.6:
        return chance.choice(known)
    made = ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 3))).capitalize() for _ in range(2)]
    letters = "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=chance.randint(2, 4)))
    number = str(chance.randint(1, 999))
    shapes = (
        made[0],
        "".join(made),
        chance.choice("iexy") + letters[:2],
        letters + number,
        f"{letters}-{number}",
        f"{made[0]}-{number}",
    )
    return chance.choice((made[0], made[0], *shapes))


def names(pair: Pair, chance: random.Random, known: Sequence[str] = ()) -> Pair | None:
    """One name that both sides have, not at the beginning, is another one on both sides; None where there is none.

    >>> names(Pair("Il vit à Memphis.", "He lives in Memphis."), random.Random(3), ["Zorbel"]).english
    'He lives in Zorbel.'
    """
    made = rename(pair, chance, known)
    return made and made[0]


def rename(pair: Pair, chance: random.Random, known: Sequence[str] = ()) -> tuple[Pair, str] | None:
    """What `names` makes, with the name that it put in."""
    found = [m.group() for m in _CAPITALISED.finditer(pair.french) if m.start()]
    able = [w for w in found if len(_standing(w, pair.french)) == len(_standing(w, pair.english)) == 1 and w not in _MONTHS]
    if not able:
        return None
    old, new = chance.choice(able), invent_name(chance, known)
    return replace(pair, french=_put(old, new, pair.french), english=_put(old, new, pair.english)), new


_MONTHS = frozenset("January February March April June July August September October November December".split())
"""English raises them; what looks like a name on both sides is one of them now and then, at the head of a French heading."""


def figures(pair: Pair, chance: random.Random) -> Pair | None:
    """Numbers with thousands or decimals that both sides have once are other numbers, each side in its own form; None without one.

    >>> figures(Pair("Il y a 100 000 puces.", "There are 100,000 chips."), random.Random(5)).english
    'There are 870,000 chips.'
    """
    french, english, done = pair.french, pair.english, 0
    for pattern, form in ((_GROUPED, _grouped), (_DECIMAL, _decimal)):
        for match in list(pattern.finditer(french))[:2]:
            old = match.group()
            digits = re.sub(r"\D", "", old)
            wanted = f"{int(digits):,}" if form is _grouped else old.replace(",", ".")
            if digits[0] == "0" or len(_standing(old, french)) != 1 or len(_standing(wanted, english)) != 1:
                continue
            ours, theirs = form(chance, len(digits))
            french, english, done = _put(old, ours, french), _put(wanted, theirs, english), done + 1
    return replace(pair, french=french, english=english) if done else None


def _grouped(chance: random.Random, digits: int) -> tuple[str, str]:
    length = chance.choice((digits, digits, chance.randint(4, 9)))
    value = chance.randint(10 ** (length - 1), 10**length - 1)
    if chance.random() < 0.4:
        value -= value % 10 ** (length - 2)
    english = f"{value:,}"
    return english.replace(",", chance.choice(_SEPARATORS)), english


def _decimal(chance: random.Random, _: int) -> tuple[str, str]:
    english = f"{chance.randint(1, 99)}.{chance.randint(1, 9)}"
    return english.replace(".", ","), english


def capitals(pair: Pair) -> Pair | None:
    """Both sides in capitals; None for long sentences, which nobody writes so.

    >>> capitals(Pair("L’été arrive.", "Summer comes.")).french
    'L’ÉTÉ ARRIVE.'
    """
    if len(pair.french) > 90:
        return None
    return replace(pair, french=pair.french.upper(), english=pair.english.upper())


def small(pair: Pair) -> Pair | None:
    """Both sides in small letters."""
    return replace(pair, french=pair.french.lower(), english=pair.english.lower())


def title(pair: Pair) -> Pair | None:
    """Both sides as headings with Capitals, small words left small inside the English; None for long ones.

    >>> title(Pair("la fin de l’usine", "the end of the factory")).english
    'The End of the Factory'
    """
    if pair.french.count(" ") > 13:
        return None
    french = re.sub(r"[^\W\d_]+", lambda m: _raised(m.group()), pair.french)
    english = " ".join(w if i and w in _SMALL_WORDS else _raised(w) for i, w in enumerate(pair.english.split(" ")))
    return replace(pair, french=french, english=english)


def _raised(word: str) -> str:
    return word if is_brand_like(word) else word[:1].upper() + word[1:]


def stops(pair: Pair) -> Pair | None:
    """Both sides without their full stop; None where one side has none.

    >>> stops(Pair("C’est la fin .", "It is the end.")).french
    'C’est la fin'
    """
    if (
        not (pair.french.endswith(".") and pair.english.endswith("."))
        or pair.french.endswith("..")
        or pair.english.endswith("..")
    ):
        return None
    return replace(pair, french=pair.french[:-1].rstrip(), english=pair.english[:-1].rstrip())


def accents(pair: Pair) -> Pair:
    """The French without its accents, the English as it is.

    >>> accents(Pair("L’été à Orléans", "Summer in Orléans"))
    Pair(french='L’ete a Orleans', english='Summer in Orléans', links=None, terms=(), weight=1.0)
    """
    plain = unicodedata.normalize("NFD", pair.french)
    return replace(pair, french="".join(c for c in plain if not unicodedata.combining(c)))


def apostrophes(pair: Pair) -> Pair:
    """The French with the other form of apostrophe."""
    curly = "’" in pair.french
    return replace(pair, french=pair.french.replace("’", "'") if curly else pair.french.replace("'", "’"))
