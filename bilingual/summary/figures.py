"""Figures of an article: each number with what it counts, in French and, where the translation has it, in English.

A figure is a stretch of the sentence, letter by letter: the number, and the noun phrase behind it as far as closed word classes can
tell (« 100 000 puces H100 de Nvidia », « 2,1 milliards d’euros », « 38 % de lectures »). Dates, times, ordinals and small counts in
words are no figures; neither is a bare number behind which nothing is counted. Limits: verbs are not told from nouns, so that only
links by « de », names, codes and terms of the glossary carry a phrase beyond its first noun; what is counted before its number
(« le prix : 30 ») is not seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from bilingual.document import Segment, Span
from bilingual.names import find_names
from bilingual.number_matching import match
from bilingual.numbers import scan
from bilingual.numerals import Found, Number
from bilingual.summary.words import lemma, lists

_COUNTABLE = frozenset({"cardinal", "percent", "approximate", "year"})
_WORD = re.compile(r"[^\W_]+(?:[-‐‑&][^\W_]+)*")
_SPACE = r"[ \u00a0\u202f\u2009]"
_OF = re.compile(rf"{_SPACE}(?:de{_SPACE}la|de{_SPACE}l['’]|de|du|des|d['’]|en)(?:{_SPACE}|(?<=['’]))", re.IGNORECASE)
_GAP = re.compile(rf"{_SPACE}{{1,2}}")
_RATE = re.compile(
    rf"{_SPACE}(?:par|à{_SPACE}la|à{_SPACE}l['’]){_SPACE}?(?:an|jour|mois|semaine|heure|seconde|minute|personne|habitant|foyer)s?\b"
)
_EACH = re.compile(rf"{_SPACE}(?:chacune?|par{_SPACE}\w+|en{_SPACE}moyenne)\b", re.IGNORECASE)
_BEFORE_NOUN = frozenset(
    "autres nouveaux nouvelles nouveau nouvelle grands grandes grand grande petits petites petit petite premiers premières premier première"
    " derniers dernières jeunes jeune vieux vieilles gros grosses bons bonnes mauvais mauvaises hauts hautes longs longues principaux"
    " principales vrais vraies fameux fameuses".split()
)
_ADJECTIVE = re.compile(
    r"(?:iques?|els?|elles?|al|ales?|aux|aires?|eux|euses?|ifs?|ives?|istes?|iens?|iennes?|ains?|aines?|ables?|ibles?|ards?)$"
)
_NOT_ADJECTIVE = frozenset("parmi demain seul".split())
_MONTHS = frozenset("janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split())
_BEFORE_YEAR = frozenset("en depuis dès an de à été automne hiver printemps fin début avant après jusqu".split())
_PLURAL = re.compile(r"[sxz]$|[A-Z0-9]")
_ENGLISH_STOP = re.compile(r"[.,;:!?()\[\]«»“”\"—–]|\s-\s")
_ENGLISH_WORD = re.compile(r"[^\w.,;:!?()]{0,2}(?P<w>[^\W_]+(?:[-'’&][^\W_]+)*)")
_FEW_WORDS = re.compile(r"(?: [\w'’-]+){0,2} ")
_SIGN = re.compile(
    rf"{_SPACE}?(?:[€$£]|(?:EUR|USD|GBP|euros?|dollars?)\b|(?:de{_SPACE}|d['’])(?:euros?|dollars?)\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of segment ``segment`` and what it counts: ``span`` in its source, ``target`` the English words ("" without).

    ``thing``: what is counted, comparable between articles: the English of a glossary term, a sign ("€", "%"), or a lemma. ``noun``:
    where the counted words stand in the source (empty for money and the like). ``codes``: names inside the phrase (H100).
    """

    segment: Segment
    number: Number
    span: Span
    thing: str
    noun: Span
    codes: tuple[str, ...] = ()
    target: str = ""

    @property
    def source(self) -> str:
        """The figure's words in French."""
        return self.segment.source[slice(*self.span)]

    @property
    def value(self) -> Fraction:
        """What the number is worth."""
        return self.number.value


def find_figures(segment: Segment) -> list[Figure]:
    """The figures of one segment, in order.

    >>> one = Segment("p1.s1", "Le site compte 100 000 puces H100 de Nvidia et 2 portes.", target="The site has 100,000 Nvidia H100 chips.")
    >>> [(f.source, f.thing, f.target) for f in find_figures(one)]
    [('100 000 puces H100 de Nvidia', 'puce', '100,000 Nvidia H100 chips'), ('2 portes', 'porte', '')]
    """
    text = segment.source
    if not any(c.isdigit() for c in text) and not re.search(r"\b\w*(?:ille|illions?|illiards?|aines?|ante|ent|ingt)\b", text):
        return []
    ours = scan(text, "fr")
    theirs = scan(segment.target, "en", lenient=True) if segment.target else []
    forward = match(ours, theirs)[0] if theirs else {}
    names = find_names(text)
    found: list[Figure] = []
    for place, one in enumerate(ours):
        if not _counts(one, text):
            continue
        figure = _figure(segment, one.number, names) or _same_thing(segment, one.number, found)
        if figure is not None:
            partner = forward.get(place)
            english = _english(segment, theirs[partner].number, figure) if partner is not None else ""
            found.append(replace(figure, target=english))
    return found


_GOES_ON = re.compile(rf"(?:\bà|\bcontre|\bou|\bet|,){_SPACE}\Z")


def _same_thing(segment: Segment, number: Number, before: list[Figure]) -> Figure | None:
    """A bare large number that goes on from a figure of the same sentence counts the same: « 100 000 H100, et 200 000 demain »."""
    if not before or number.value < 1000 or number.unit or not _GOES_ON.search(segment.source, 0, number.span[0]):
        return None
    end = number.span[1]
    return replace(before[-1], number=number, span=number.span, noun=(end, end), target="")


def _counts(found: Found, text: str) -> bool:
    number = found.number
    if not found.own or number.kind not in _COUNTABLE or not (found.required or number.kind == "approximate"):
        return False
    if number.kind == "approximate" and not number.digits and number.text.split()[0].endswith("s"):
        return False  # « des milliers », « plusieurs milliards »
    if number.kind == "year":
        # « en 2024 » is a year, « 2024 puces » a count; without a noun behind it nobody can tell
        after = _WORD.match(text, number.span[1] + 1)
        before = _WORD.findall(text[max(0, number.span[0] - 20) : number.span[0]].lower())
        return bool(after and after[0].endswith(("s", "x"))) and bool(before) and before[-1] not in _BEFORE_YEAR | _MONTHS
    return True


def _figure(segment: Segment, number: Number, names: list[Span]) -> Figure | None:
    text, (start, end) = segment.source, number.span
    if number.unit in ("€", "$", "£"):
        if sign := _SIGN.match(text, end):
            end = sign.end()
        elif text[start - 1 : start] in ("€", "$", "£"):
            start -= 1
        else:
            return None  # « 6,20 à 9 euros »: the sign is the second one's
        rate = _RATE.match(text, end)
        return Figure(segment, number, (start, rate.end() if rate else end), number.unit, (end, end))
    if number.kind == "percent":
        phrase = _phrase(segment, end, names, first_link=True)
        return Figure(segment, number, (start, phrase[1] if phrase else end), "%", phrase or (end, end))
    if number.unit == "h":
        return None
    linked = number.scale >= 10**6 or number.kind == "approximate"  # « un million de GPU », « une centaine de personnes »
    phrase = _phrase(segment, end, names, first_link=linked)
    if phrase is None or (linked and not _OF.match(text, end)) or _no_noun(text, phrase, number):
        return None
    inside = [text[slice(*name)] for name in names if phrase[0] <= name[0] < phrase[1]]
    return Figure(segment, number, (start, phrase[1]), _thing(segment, phrase), phrase, tuple(inside))


def _phrase(segment: Segment, at: int, names: list[Span], *, first_link: bool) -> Span | None:
    """The noun phrase that begins behind the number: its first word and what hangs on to it."""
    text, function = segment.source, lists("fr").function
    gap = (_OF.match(text, at) if first_link else None) or _GAP.match(text, at)
    if not gap:
        return None
    start = gap.end()
    noun = _WORD.match(text, start)
    if not noun or noun[0].lower() in function or noun[0][0].isdigit():
        return None
    if noun[0].lower() in _BEFORE_NOUN:
        further = _GAP.match(text, noun.end())
        second = _WORD.match(text, further.end()) if further else None
        if second and second[0].lower() not in function:
            noun = second
    end = noun.end()
    ends = [stop for hit in segment.terms for first, stop in [hit.source] if start <= first <= noun.start() < stop]
    end = max([end, *ends])
    for _ in range(3):
        if code := next((name for name in names if (gap := _GAP.match(text, end)) and name[0] == gap.end()), None):
            end = code[1]
        elif (gap := _GAP.match(text, end)) and (word := _WORD.match(text, gap.end())) and _adjective(word[0], function):
            end = word.end()
        elif (link := _OF.match(text, end)) and link[0].strip().lower() != "en" and (word := _WORD.match(text, link.end())):
            if word[0].lower() in function or word[0][0].isdigit():
                break
            longer = next((name[1] for name in names if name[0] == word.start()), word.end())
            term = next((hit.source[1] for hit in segment.terms if hit.source[0] <= word.start() < hit.source[1]), longer)
            end = max(longer, term)
        else:
            break
    if rate := _RATE.match(text, end):
        end = rate.end()
    return start, end


def _no_noun(text: str, phrase: Span, number: Number) -> bool:
    """Whether what follows the number is a month, or cannot be a plural: a verb (« six sur 62 tournent »), an adverb."""
    words = [word[0] for word in _WORD.finditer(text, *phrase)]
    noun = words[1] if words[0].lower() in _BEFORE_NOUN and len(words) > 1 else words[0]
    return noun.lower() in _MONTHS or (abs(number.value) >= 2 and not _PLURAL.search(noun))


def _adjective(word: str, function: frozenset[str]) -> bool:
    low = word.lower()
    return word.islower() and low not in function and low not in _NOT_ADJECTIVE and len(low) > 3 and bool(_ADJECTIVE.search(low))


def _thing(segment: Segment, phrase: Span) -> str:
    """What is counted: the glossary's English where a term stands first in the phrase, else the lemma of the first noun."""
    for hit in segment.terms:
        if hit.source[0] == phrase[0]:
            return re.sub(r"(?<=[^s])s$", "", hit.wanted.lower())
    words = [word[0] for word in _WORD.finditer(segment.source, *phrase)]
    noun = words[1] if words[0].lower() in _BEFORE_NOUN and len(words) > 1 else words[0]
    return lemma(noun.lower(), "fr") if not (noun.isupper() or any(c.isdigit() for c in noun)) else noun.rstrip("s")


def _english(segment: Segment, number: Number, figure: Figure) -> str:
    """The English number with as many words of what it counts as the French has; a term of the glossary with all of its own."""
    text, (start, end) = segment.target, number.span
    if start and text[start - 1] in "€$£":
        start -= 1
    elif money := re.compile(r" ?(?:€|\$|£|euros?|dollars?)").match(text, end):
        end = money.end()
    if figure.thing in ("€", "$", "£") or figure.noun[0] == figure.noun[1]:
        return text[start:end]
    french = segment.source[slice(*figure.noun)]
    function = lists("fr").function
    wanted = _words(french, function)
    stop = _ENGLISH_STOP.search(text, end)
    limit, place, taken, good = stop.start() if stop else len(text), end, 0, end
    terms = {
        hit.target[0]: (hit.target[1], _words(segment.source[slice(*hit.source)], function))
        for hit in segment.terms
        if hit.target and figure.noun[0] <= hit.source[0] < figure.noun[1] and end <= hit.target[0] and hit.target[1] <= limit
    }
    english = lists("en").function
    while taken < wanted and (word := _ENGLISH_WORD.match(text, place, limit)):
        if (first := word.start("w")) in terms:
            place, words = terms.pop(first)
            taken, good = taken + words, place
            continue
        low = word["w"].lower()
        if low in english and low not in ("of", "the", "a", "an", "per"):
            break
        place = word.end()
        if low not in english:
            taken, good = taken + 1, place
    for first, (stops, _) in sorted(terms.items()):  # « puces recyclées », recycled compute dies
        if _FEW_WORDS.fullmatch(text, good, first):
            good = stops
    return text[start:good]


def _words(french: str, function: frozenset[str]) -> int:
    return sum(word[0].lower() not in function for word in _WORD.finditer(french))
