"""Numbers in French and English text: what they are worth, and whether a translation kept them.

    text ── numerals.tokenise ──> tokens ── composed ──> Number ──┬── matched one to one ──> NumberChange for what is left over
                                       the other language's ──────┘

Scale words are the long scale in French and the short scale in English: « un billion » is 10^12, "a trillion". Limits: « neuf »
(new) and "one" (the pronoun) are read as numbers, and fractions in words (« un tiers ») are not.

The comparison is made to be believed when it speaks. Where two readings are possible ("1,250") either will do; small counts in
words, repeats, the two halves of the clock, decades and halves may be written as a translator likes. What it does not see: a lost
minus sign, a number that moved to another noun. What it takes for a change: a conversion of units, a rounding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

from bilingual.number_matching import left_over, match, taken_apart
from bilingual.numerals import (
    DECADE_BEFORE,
    MONEY,
    MONEY_AFTER,
    MONEY_BEFORE,
    SPACE,
    SPACES,
    Found,
    Kind,
    Language,
    Number,
    Token,
    Word,
    centuries,
    tokenise,
)

__all__ = ["Kind", "Language", "Number", "NumberChange", "find_numbers", "number_changes"]


def find_numbers(text: str, language: Language, *, lenient: bool = False) -> list[Number]:
    """The numbers of `text` in order, disjoint. Digits inside names ("H100", "GPT-4", "5G"), URLs, handles and identifiers (IP
    addresses, telephone numbers, versions with two points or more) are none; neither are « un », « une » and "a" alone.

    `lenient` reads English that kept French forms as well: "100 000", "100.000", "1,5 billion", "1,5 milliard".

    >>> [(n.text, int(n.value)) for n in find_numbers("Entre 1,5 et 2 milliards pour 16 000 puces H100", "fr")]
    [('1,5', 1500000000), ('2 milliards', 2000000000), ('16 000', 16000)]
    >>> [(n.text, n.kind) for n in find_numbers("On June 1st, 20% left at 2:30 p.m.", "en")]
    [('1st', 'ordinal'), ('20%', 'percent'), ('2:30 p.m.', 'time')]
    """
    return [found.number for found in scan(text, language, lenient=lenient) if found.own]


# --------------------------------------------------------------------------------------------------------- composition

_GAP = re.compile(rf"(?:{SPACE}{{0,2}}|[-\u2010\u2011])\Z")
_JOIN = {"fr": re.compile(rf"(?:{SPACE}et{SPACE}|-et-)\Z"), "en": re.compile(rf"{SPACE}and{SPACE}\Z")}
_OF = {"fr": re.compile(rf"{SPACE}(?:de{SPACE}|d['’])\Z"), "en": re.compile(rf"{SPACE}of{SPACE}\Z")}
_HALF_AFTER = {"fr": re.compile(rf"{SPACE}et{SPACE}demie?\b"), "en": re.compile(rf"{SPACE}and{SPACE}a{SPACE}half\b")}
_HALF_BEFORE = {"fr": re.compile(rf"\bdemi[-{SPACES}]\Z", re.I), "en": re.compile(rf"\bhalf[-{SPACES}](?:an?{SPACE})?\Z", re.I)}
_ARTICLE = re.compile(rf"\ban?{SPACE}\Z", re.IGNORECASE)
_PERCENT = {
    "fr": re.compile(rf"{SPACE}?%|{SPACE}pour[{SPACES}-]?cents?\b|{SPACE}p\.{SPACE}?(?:cent|100)\b", re.I),
    "en": re.compile(rf"{SPACE}?%|[{SPACES}-]per{SPACE}?cent\b", re.I),
}
_HOURS = {"fr": re.compile(rf"{SPACE}?heures?\b"), "en": re.compile(rf"[{SPACES}-](?:hours?|o['’]clock)\b")}
_RANGE = re.compile(rf"{SPACE}?(?P<and>et|and|,)?(?:à|ou|to|or|[-–—/\u2011])?{SPACE}?(?:[€$£]|(?:EUR|USD){SPACE})?\Z")
_FROM = re.compile(rf"\b(?:de|d['’]|entre|from|between){SPACE}?(?:[€$£]|(?:EUR|USD){SPACE})?\Z", re.IGNORECASE)


_HUNDREDS = {"fr": (*range(2, 10), *range(11, 17)), "en": range(1, 100)}  # « deux cents », « douze cents », "nineteen hundred"


_COUNTED = {
    "fr": re.compile(
        rf"{SPACE}(?:(?P<half>[^\W\d_]{{1,12}}{SPACE}et{SPACE}demie?)|(?P<day>jours)|(?P<week>semaines)|(?P<year>ans|années)|(?P<decade>décennies)"
        r"|(?P<century>siècles)|(?P<thousand>milles))\b"
    ),
    "en": re.compile(
        rf"[{SPACES}-](?:(?P<half>[^\W\d_]{{1,12}}{SPACE}and{SPACE}a{SPACE}half)|(?P<hours>days?)|(?P<week>weeks?)|(?P<year>years?)"
        r"|(?P<decade>decades)|(?P<century>centuries))\b"
    ),
}
_IN_UNITS = {"hours": 24, "week": 7, "year": 12, "decade": 10, "century": 100, "thousand": 1000}


class _Sum(NamedTuple):
    """A number while its words are read: what the scale words so far made, what waits for the next one, the last scale."""

    total: Fraction = Fraction(0)
    current: Fraction | None = None
    last: int = 10**30
    numeral: bool = False

    @property
    def value(self) -> Fraction:
        return self.total + (self.current or 0)

    def and_a_half(self) -> _Sum:
        """« deux et demi », « deux millions et demi »."""
        if self.current is None:
            return self._replace(total=self.total + Fraction(self.last, 2))
        return self._replace(current=self.current + Fraction(1, 2))


def _plus(so_far: _Sum, word: Word, language: Language) -> _Sum | None:
    """The number with one word more; None where the word does not belong to it.

    >>> _plus(_Sum(current=Fraction(4)), Word("unit", 20, False, False), "fr").value
    Fraction(80, 1)
    """
    total, current, last, numeral = so_far
    value = word.value
    if word.role == "scale":
        if value >= last:
            return _Sum(so_far.value * value, None, value, numeral)
        if current is None and total:
            return None
        return _Sum(total + (1 if current is None else current) * value, None, value, numeral)
    if word.role == "about":
        if current is None:
            return None if total else _Sum(total, Fraction(value), last)
        return _Sum(total, current * value, last) if numeral or current < 100 else None
    if numeral or (current is None and total and value >= last):
        return None
    if current is None:
        return _Sum(total, Fraction(value), last)
    if word.role == "hundred":
        return _Sum(total, current * 100, last) if current in _HUNDREDS[language] else None
    rest = current % 100
    if language == "fr" and value == 20 and rest == 4:
        return _Sum(total, current + 76, last)
    fits = (
        (rest == 0 and current >= 100 and 0 < value < 100)
        or (rest >= 20 and rest % 10 == 0 and 0 < value < 10)
        or (language == "fr" and ((rest in (60, 80) and 10 <= value <= 16) or (rest == 10 and 7 <= value <= 9)))
    )
    return _Sum(total, current + value, last) if fits else None


def scan(text: str, language: Language, *, lenient: bool = False) -> list[Found]:
    """Every number of `text` with its weight in a comparison; also what `find_numbers` leaves out (digits in names, "a", « un »)."""
    return list(_scanned(text, language, lenient))


@lru_cache(maxsize=256)  # a source is looked at with each of its candidates
def _scanned(text: str, language: Language, lenient: bool) -> tuple[Found, ...]:
    tokens = list(tokenise(text, language, lenient))
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if found and token.start < found[-1].number.span[1]:
            at += 1  # the « cent » of « pour cent »
        elif token.found and (token.found.number.kind != "cardinal" or not token.found.own):
            found.append(token.found)
            at += 1
        else:
            at, number = _compose(text, tokens, at, language)
            if number:
                found.append(number)
    return tuple(_share_scales(text, found))


def _compose(text: str, tokens: Sequence[Token], at: int, language: Language) -> tuple[int, Found | None]:
    """The number that starts with the token at `at`, and where the next one may start."""
    first, words = tokens[at], [w for w in [tokens[at].word] if w]
    made = _Sum(current=first.found.number.value, numeral=True) if first.found else _plus(_Sum(), words[0], language)
    at += 1
    coin = not first.found and text[max(0, first.start - 3) : first.end].lower().endswith(("un cent", "cents"))
    if made is None or coin:
        return at, None
    end = first.end
    while not (words and words[-1].ordinal):
        if half := _HALF_AFTER[language].match(text, end):
            made, end = made.and_a_half(), half.end()
            while at < len(tokens) and tokens[at].start < end:
                at += 1
        word = tokens[at].word if at < len(tokens) else None
        if (
            word
            and at + 1 < len(tokens)
            and (after := tokens[at + 1].word)
            and after.role == "hundred"
            and end + 1 < tokens[at].start
        ):
            break  # "between two hundred and four hundred"
        more = _plus(made, word, language) if word and _joins(text[end : tokens[at].start], made, word, language) else None
        if word is None or more is None:
            break
        made, end = more, tokens[at].end
        words.append(word)
        at += 1
    return at, _finish(text, first, end, made, words, language)


def _joins(gap: str, so_far: _Sum, word: Word, language: Language) -> bool:
    """Whether `gap` can stand between the words of one number."""
    waiting = so_far.current or Fraction(0)
    if _GAP.match(gap):
        # "the twenty first days", « les vingt premiers jours »: after tens an ordinal needs its hyphen
        return not (word.ordinal and word.role == "unit") or "-" in gap or waiting % 100 == 0
    if _OF[language].match(gap):
        return word.role == "scale" or (word.role == "about" and word.value == 1000)
    if not _JOIN[language].match(gap) or word.role != "unit":
        return False
    if language == "fr":
        return word.value in (1, 11) and waiting >= 20 and waiting % 10 == 0
    return waiting % 100 == 0 and so_far.value >= 100 and not so_far.numeral


def _finish(text: str, first: Token, end: int, made: _Sum, words: Sequence[Word], language: Language) -> Found | None:
    """The number that was read, with what stands before and after it."""
    start, value = first.start, made.value
    written = first.found.number if first.found else None
    scale, also, parts = (written.scale, written.also, written.parts) if written else (1, (), ())
    if words and words[-1].role in ("scale", "about") and words[-1].value >= 1000:
        scale *= words[-1].value
    if written and written.value and value != written.value:
        also, parts = tuple(reading * (value / written.value) for reading in also), ()
    about = any(word.role == "about" for word in words) or bool(not written and words[0].plural)
    if words and words[0].role in ("scale", "about") and (half := _HALF_BEFORE[language].search(text, max(0, start - 8), start)):
        start, value = half.start(), value / 2
    elif language == "en" and words and words[0].role != "unit" and not written:
        article = _ARTICLE.search(text, max(0, start - 3), start)
        start = article.start() if article else start
    kind: Kind = "ordinal" if words and words[-1].ordinal else "approximate" if about else "cardinal"
    unit = ""
    if percent := _PERCENT[language].match(text, end):
        kind, unit, end = "percent", "%", percent.end()
    elif money := MONEY_AFTER.match(text, end) or MONEY_BEFORE.search(text, max(0, start - 5), start):
        unit = MONEY[money["sign"].lower()]
    elif _HOURS[language].match(text, end):
        unit = "h"
    if kind == "cardinal" and DECADE_BEFORE.search(text, max(0, start - 8), start):
        kind, also = "decade", (*also, *centuries(value))
    elif kind == "cardinal" and not unit and written and re.fullmatch(r"\d{4}", written.text) and 1000 <= value < 2100:
        kind = "year"
    if counted := _COUNTED[language].match(text, end):
        also = (*also, *_other_counts(value, counted))
    required = bool(written) or (value > 10 and not about and kind != "ordinal")
    article_alone = language == "fr" and len(words) == 1 and not written and words[0].value == 1 and not words[0].ordinal
    number = Number((start, end), text[start:end], value, kind, scale, unit, bool(written), also, parts)
    return Found(number, required, not article_alone)


def _other_counts(value: Fraction, counted: re.Match[str]) -> tuple[Fraction, ...]:
    """What the same span of time comes to in other units: "two weeks" and « quinze jours », "three decades" and « trente ans »."""
    if counted.lastgroup == "half":
        return (value + Fraction(1, 2),)  # « une heure et demie »
    if counted.lastgroup == "day" and value == 15:
        return (Fraction(14),)
    return (value * _IN_UNITS[counted.lastgroup],) if counted.lastgroup in _IN_UNITS else ()


def _share_scales(text: str, found: list[Found]) -> list[Found]:
    """Let « de 5 à 10 millions », "$1.5-2 billion" and « entre 5 et 10 % » give their scale or sign to the first number as well."""
    for at in range(len(found) - 2, -1, -1):
        one, two = found[at].number, found[at + 1].number
        if one.value == two.value and text[one.span[1] : two.span[0]].strip() in ("sur", "h/", "/"):
            found[at + 1] = found[at + 1]._replace(required=False)  # « 24 heures sur 24 » is said once in English
        if one.kind not in ("cardinal", "year") or one.scale != 1 or two.kind not in ("cardinal", "percent"):
            continue
        between = _RANGE.match(text, one.span[1], two.span[0])
        if not between or one.span[1] == two.span[0] or (two.scale == 1 and not two.unit):
            continue
        sure = not between["and"] or _FROM.search(text, max(0, one.span[0] - 12), one.span[0])
        if two.unit in MONEY.values() and not one.unit and sure:
            one = replace(one, unit=two.unit)
        if two.kind == "percent":
            new = replace(one, kind="percent", unit="%") if sure and one.kind == "cardinal" else one
        elif two.scale == 1:
            new = one
        elif sure and one.digits and one.value < 1000:
            new = replace(one, value=one.value * two.scale, scale=two.scale, also=(*one.also, one.value), kind="cardinal")
        else:
            new = replace(one, also=(*one.also, one.value * two.scale))
        found[at] = found[at]._replace(number=new)
    return found


# ---------------------------------------------------------------------------------------------------------- comparison


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number that the translation lost (`target` is None), added (`source` is None), or made into another one."""

    source: Number | None
    target: Number | None

    @property
    def kind(self) -> Literal["lost", "added", "changed"]:
        """What became of it.

        >>> [change.kind for change in number_changes("Il y a 12 puces.", "There are chips.")]
        ['lost']
        """
        return "added" if self.source is None else "lost" if self.target is None else "changed"


def number_changes(source: str, target: str) -> list[NumberChange]:
    """What became of the numbers of French `source` in English `target`: the changes only, in the order of the source, then of the
    target. Matching is one to one and as large as it can be; numbers in digits, and in words above ten, must find their match.

    >>> number_changes("Le plan coûte 1,5 milliard d’euros en 2024.", "The plan will cost €1.5 billion in 2024.")
    []
    >>> [(c.kind, c.source.text, c.target.text) for c in number_changes("1,5 milliard d’euros", "1.5 million euros")]
    [('changed', '1,5 milliard', '1.5 million')]
    """
    ours, theirs = scan(source, "fr"), scan(target, "en", lenient=True)
    if not any(found.required for found in (*ours, *theirs)):
        return _coarse_changes(ours, theirs, {}, {})
    forward, backward = match(ours, theirs)
    left = left_over(ours, forward), left_over(theirs, backward)
    if any(found.number.parts for found in (*left[0], *left[1])):
        ours, theirs = taken_apart(ours, forward), taken_apart(theirs, backward)
        forward, backward = match(ours, theirs)
        left = left_over(ours, forward), left_over(theirs, backward)
    values = {reading for found in ours for reading in found.number.readings}
    added = [found for found in left[1] if values.isdisjoint(found.number.readings) and not _copied(found.number, source)]
    return _paired(_whole(left[0]), _whole(added)) + _coarse_changes(ours, theirs, forward, backward)


def _copied(number: Number, source: str) -> bool:
    """Whether a number word stands in the source as it is: "Station Eleven"."""
    return not number.digits and re.search(rf"(?<!\w){re.escape(number.text)}(?!\w)", source, re.IGNORECASE) is not None


def _whole(left_over: Sequence[Found]) -> list[Number]:
    """The numbers that parts of are left over, each once."""
    return list({found.number.span: found.whole for found in left_over}.values())


def _coarse_changes(
    ours: Sequence[Found], theirs: Sequence[Found], forward: dict[int, int], backward: dict[int, int]
) -> list[NumberChange]:
    """« des milliers » that became "millions": one inexact count a side, of different size."""
    lost = [f.number for i, f in enumerate(ours) if f.number.kind == "approximate" and i not in forward]
    added = [f.number for j, f in enumerate(theirs) if f.number.kind == "approximate" and j not in backward]
    if len(lost) == len(added) == 1 and max(lost[0].value, added[0].value) >= 10 * min(lost[0].value, added[0].value):
        return [NumberChange(lost[0], added[0])]
    return []


def _paired(lost: list[Number], added: list[Number]) -> list[NumberChange]:
    """Lost and added numbers put together: the same digits under another scale first, then as many digits, then in order."""
    pairs: list[tuple[Number, Number]] = []
    for alike in (_same_digits, _same_length, lambda one, two: True):
        for one in list(lost):
            if two := next((number for number in added if alike(one, number)), None):
                pairs.append((one, two))
                lost.remove(one)
                added.remove(two)
    changes = [NumberChange(one, two) for one, two in pairs] + [NumberChange(one, None) for one in lost]
    changes.sort(key=lambda change: change.source.span if change.source else (0, 0))
    return changes + [NumberChange(None, two) for two in added]


def _same_digits(one: Number, two: Number) -> bool:
    return one.value / one.scale == two.value / two.scale


def _same_length(one: Number, two: Number) -> bool:
    return one.scale == two.scale and len(str(int(one.value))) == len(str(int(two.value)))
