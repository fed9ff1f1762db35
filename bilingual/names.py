"""Names in French text that English writes letter by letter, and those of them that a translation lost.

    words with a capital ── place in the sentence, dictionary, lists ──> names ── looked up in the English ──> lost names

A name is only taken for one when English is likely to keep its letters: words with capitals or digits inside (OpenAI, H100), acronyms
that have no English twin, and capitalised words that no French dictionary knows (Nvidia, Huang). Towns, countries and peoples that have
an English name of their own, titles, institutions made of ordinary words (« Chambre de commerce ») and headings In Title Case are left
alone. So `lost_names` is quiet about many names, and seldom wrong when it speaks.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Literal

from bilingual.document import Span

_WORD = re.compile(r"[^\W_]+(?:[-‐‑&][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_ROMAN = re.compile(r"[IVXLCDM]+(?:er|e|ère|re|ème)?")
_CODE = re.compile(r"[A-Z][A-Za-z]{0,15}-?\d")
_MIXED = re.compile(r"[^\W\d_]*[a-zà-ÿ][A-Z]")
_ABBREVIATED = re.compile(r"\b(?:[A-Z]|MM|Mr|Mrs|Ms|Dr|Pr|Me|St|Ste|Jr|Sr)\.$")
_OPENING = " \u00a0\u202f«“\"'‘([-–—*#>"  # what may stand between the start of a sentence and its first word

_PEOPLES = re.compile(r"(?:iens|éens|ennes?|aise?s?|oise?s?|ains|aines|istes?)$")
"""Peoples, inhabitants and followers are translated: « les Singapouriens », « les Thatchéristes »."""
_NOUN = re.compile(r"(?:isme|ique|ment|tion|ité|eur|euse|trice|age|ée|eau)[sx]?$")
"""Endings of nouns, which dictionaries lag behind on: not a name where the word opens a sentence."""
_ADVERB = re.compile(r"....ment$")
_PREFIX = re.compile(
    r"(?:super|hyper|micro|macro|mini|méga|giga|multi|inter|anti|auto|bio|cyber|éco|géo|néo|photo|poly|radio|sous|sur|télé|ultra|électro"
    r"|crypto|nano|hydro|thermo|aéro|giga|infra|intra|extra|post|pré|ré|re|non|mono|contre|entre|co|dé|in|im)(?=.{4})"
)

_Kind = Literal["code", "mixed", "acronym", "plain", "same"]


@dataclass(frozen=True, slots=True)
class _Lists:
    translated: frozenset[str]
    same: frozenset[str]
    acronyms: frozenset[str]
    words: frozenset[str]


@cache
def _lists() -> _Lists:
    table = json.loads((files("bilingual") / "data" / "french_names.json").read_text(encoding="utf-8"))
    return _Lists(**{key: frozenset(" ".join(table[key]).split()) for key in ("translated", "same", "acronyms", "words")})


_SPELLED = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "’": "'", "ı": "i"}
)
_MARKS = re.compile(r"[\u0300-\u036f]+")


def fold(text: str) -> str:
    """Lower case without accents and ligatures, for comparing names across languages.

    >>> fold("Œuvre d’Été")
    "oeuvre d'ete"
    """
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.translate(_SPELLED))).lower()


@lru_cache(maxsize=1 << 16)
def _ordinary(word: str) -> bool:
    """Whether a capitalised word may be an ordinary French word, or a name that has another form in English."""
    import simplemma

    def known(form: str) -> bool:
        return bool(simplemma.is_known(form, lang="fr"))

    lists, low = _lists(), word.lower().replace("œ", "oe").replace("æ", "ae")
    if _PEOPLES.search(low) or _ADVERB.search(low):
        return True
    if fold(word) in lists.translated or fold(word) in lists.words or known(low) or known(word):
        return True
    accented = {"e": "éèê", "a": "âà", "i": "îï", "o": "ô", "c": "ç"}.get(low[0], "")  # capitals that lost their accent: « Etat »
    if any(known(c + low[1:]) for c in accented):
        return True
    prefix = _PREFIX.match(low)
    return prefix is not None and known(low[prefix.end() :])


def _ordinary_in_small(word: str) -> bool:
    """Whether a name is a word of the language in small letters: « Paris », « Nancy » is none."""
    import simplemma

    return bool(simplemma.is_known(word.lower(), lang="fr"))


@lru_cache(maxsize=1 << 16)
def _kind(word: str) -> _Kind | None:
    """What makes `word`, taken by itself, a name that English copies; None where nothing does."""
    if len(word) > 60 or word.islower():
        return None
    if any(c.isdigit() for c in word):
        return "code" if _CODE.match(word) else None
    if word.isupper():
        parts = _PART.findall(word)
        if len(word) < 3 or max(map(len, parts)) < 2 or _ROMAN.fullmatch(word) or word in _lists().acronyms:
            return None
        if "&" in word:  # AT&T
            return "acronym"
        return None if any(part in _lists().acronyms or _ordinary(part.capitalize()) for part in parts) else "acronym"
    if _MIXED.match(word) and "-" not in word:
        return None if word.rstrip("s").isupper() and word.rstrip("s") in _lists().acronyms else "mixed"
    if _ROMAN.fullmatch(word) or not word[0].isupper():
        return None
    if fold(word) in _lists().same:
        return "same"
    if fold(word) in _lists().translated:
        return None
    capitals = [part for part in _PART.findall(word) if part[0].isupper()]
    if any(len(part) < 2 or _ordinary(part) for part in capitals):
        return None
    return "plain"


def _headline(words: list[re.Match[str]]) -> bool:
    """Whether capitals say nothing in this sentence: it is In Title Case, or IN CAPITALS.

    In a heading of that kind no long word is in lower case, function words aside, and ordinary words have capitals too; a row of names
    has capitals only where they belong.
    """
    long = [w[0] for w in words if len(w[0]) > 3 and w[0][0].isalpha()]
    if any(word.islower() and fold(word) not in _lists().words for word in long):
        return False
    return any(not word.islower() and "-" not in word and _ordinary(word.capitalize()) for word in long if word != words[0][0])


def _opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 12) : start].rstrip(_OPENING)
    return not before or (before[-1] in ".!?…:;•|)" and not _ABBREVIATED.search(before))


def find_names(text: str) -> list[Span]:
    """Spans of the names in French `text` that an English translation copies letter by letter, in order; neighbours are joined.

    The text may be a sentence or more. Only the obvious is found: see the module's docstring for what is left out on purpose.

    >>> text = "Selon Jensen Huang, les H100 d’OpenAI tournent à Londres."
    >>> [text[slice(*span)] for span in find_names(text)]
    ['Jensen Huang', 'H100', 'OpenAI']
    """
    return list(_names(text))


@lru_cache(maxsize=256)  # a source is looked at with each of its candidates
def _names(text: str) -> tuple[Span, ...]:
    words = list(_WORD.finditer(text))
    capital = [m for m in words if not m[0].islower() and not m[0].isdigit()]
    if not capital:
        return ()
    headline = _headline(words)
    found: list[tuple[int, int, _Kind]] = []
    for match in capital:
        word = match[0]
        kind = _kind(word)
        if kind is None and found and _joins(text, found[-1], match):
            kind = "acronym"  # « Modular AI », « Xbox X »: short capitals belong to the name before them
        if kind is None or (headline and kind in ("plain", "same")):
            continue
        if kind == "same" and _opens_sentence(text, match.start()) and _ordinary_in_small(word):
            continue
        if kind == "plain" and _NOUN.search(word.lower()) and _opens_sentence(text, match.start()):
            continue
        found.append((*match.span(), kind))
    spans: list[Span] = []
    before: _Kind | None = None
    for start, end, kind in found:
        # « GPU H100 » is two names, in the other order in English; « Nvidia H100 » may stay together.
        if spans and text[spans[-1][1] : start] in (" ", "\u00a0", "-") and (before, kind) != ("acronym", "code"):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        before = kind
    return tuple(spans)


def _joins(text: str, previous: tuple[int, int, _Kind], match: re.Match[str]) -> bool:
    word = match[0]
    return word.isupper() and len(word) <= 2 and fold(word) not in _lists().words and text[previous[1] : match.start()] == " "


# --- the English side -----------------------------------------------------------------------------------------------------------


class _English:
    """The words of an English text, folded, and what else they may stand for; each index is made when it is first needed."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.text = fold(target)
        self.words = set(_PART.findall(self.text))

    def has(self, word: str) -> bool:
        """Whether `word` stands in the text: the same letters, accents, hyphens and an English ending aside."""
        key = fold(word)
        parts = _PART.findall(key)
        if all(part in self.words for part in parts):
            return True
        whole = "".join(parts)
        forms = (whole, whole + "s", whole + "es", whole.removesuffix("s"))
        return not (self.words.isdisjoint(forms) and self._joined.isdisjoint(forms))

    def has_transcribed(self, word: str) -> bool:
        """Whether a name from another alphabet stands there in English spelling: Poutine, Putin; Chostakovitch, Shostakovich."""
        key = fold(word)
        wanted = _sound(key, _FRENCH_SOUNDS)
        return wanted != key and wanted in self._sounds

    def has_derived(self, word: str) -> bool:
        """Whether an adjective made of the name stands there: Pakistan, Pakistani; Mexico, Mexican."""
        return len(word) > 4 and fold(word)[:-1] in self._stems

    def has_permuted(self, word: str) -> bool:
        """Whether an acronym of the same letters in another order stands there (RMN, NMR); of three one may differ (TDA, ADD)."""
        letters = "".join(sorted(word))
        return letters in self._anagrams or (len(word) == 3 and not self._anagrams.isdisjoint(_pairs(letters)))

    @cached_property
    def _joined(self) -> frozenset[str]:
        words = _PART.findall(self.text)
        return frozenset(a + b for a, b in pairwise(words)) | {
            a + b + c for a, b, c in zip(words, words[1:], words[2:], strict=False)
        }

    @cached_property
    def _sounds(self) -> frozenset[str]:
        return frozenset(_sound(word, _ENGLISH_SOUNDS) for word in self.words)

    @cached_property
    def _stems(self) -> frozenset[str]:
        endings = (e for word in self.words if (e := _DERIVED.search(word)))
        return frozenset(stem for e in endings for stem in (e.string[: e.start()], e.string[: e.start() - 1]))

    @cached_property
    def _anagrams(self) -> frozenset[str]:
        sorted_letters = {"".join(sorted(acronym)) for acronym in _ACRONYM.findall(self.target)}
        return frozenset(sorted_letters) | {pair for letters in sorted_letters if len(letters) == 3 for pair in _pairs(letters)}


def _pairs(letters: str) -> tuple[str, str, str]:
    return letters[:2], letters[1:], letters[0] + letters[2]


_ACRONYM = re.compile(r"(?<![^\W_])[A-Z]{3,6}(?![^\W_])")
_DERIVED = re.compile(r"(?:i|n|an|ian|ean|ese|ish|er|ite|ic)s?$")
_Sounds = tuple[tuple[str, str], ...]
_COMMON_SOUNDS: _Sounds = (
    ("kh", "k"), ("gh", "g"), ("dj", "j"), ("c", "k"), ("q", "k"), ("w", "v"), ("y", "i"), ("ie", "e"), ("ii", "i"),
    ("ine$", "in"), ("e$", ""),
)  # fmt: skip
_FRENCH_SOUNDS: _Sounds = (("tch", "C"), ("sch", "S"), ("ch", "S"), ("gu", "g"), ("ou", "u"), ("eff", "ev"), *_COMMON_SOUNDS)
_ENGLISH_SOUNDS: _Sounds = (("tch", "C"), ("ch", "C"), ("sh", "S"), ("oo", "u"), ("ou", "u"), ("zh", "j"), *_COMMON_SOUNDS)


@lru_cache(maxsize=1 << 14)
def _sound(word: str, rules: _Sounds) -> str:
    """A folded word in a rough phonetic spelling that a transcription into French and one into English share."""
    for old, new in rules:
        if old[-1] != "$":
            word = word.replace(old, new)
        elif len(word) > 4 and word.endswith(old[:-1]):
            word = word[: 1 - len(old)] + new
    return word


def lost_names(source: str, target: str) -> list[Span]:
    """Spans in French `source` of the names that English `target` does not have, in order.

    A name counts as kept when its words stand in `target`, in any order and capitals, without accents or with other hyphens, in the
    plural or the possessive, or in the English spelling of a Russian or Arabic name. Of a name of several words each one is looked for.

    >>> lost_names("Jensen Huang dirige Nvidia.", "Jensen Huang runs Nvidia's shop."), lost_names("Grok parle.", "Grokk speaks.")
    ([], [(0, 4)])
    """
    names = find_names(source)
    if not names:
        return []
    english = _English(target)
    return [span for span in names if any(_lost(word, english) for word in _WORD.findall(source[slice(*span)]))]


def copied_names(source: str, target: str, besides: Sequence[Span] = ()) -> list[Span]:
    """Spans in `target` of the names of several words that it has letter by letter from French `source`, those at `besides` left out.

    A word in such a name is the name's: « Modular AI » says nothing about how « l'IA » was translated.

    >>> copied_names("Modular AI vend de l'IA.", "The Modular AI company sells AI.")
    [(4, 14)]
    """
    spans = []
    for start, end in find_names(source):
        name = source[start:end]
        if " " not in name or any(a < end and start < b for a, b in besides):
            continue
        at = target.find(name)
        while at >= 0:
            spans.append((at, at + len(name)))
            at = target.find(name, at + 1)
    return spans


def _lost(word: str, english: _English) -> bool:
    if english.has(word):
        return False
    if word.isupper() and len(word) <= 6:
        return not english.has_permuted(word)
    return not english.has_derived(word) and not english.has_transcribed(word)
