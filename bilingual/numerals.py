"""What numbers are made of: the tokens of a text that are numerals or number words, for either language.

Digits are read as exact fractions with every reading that they allow ("1,250" in an English sentence that was French: 1250 or
1.25). Number words come from a table in the package. `bilingual.numbers` makes numbers of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from bilingual.document import Span

Language = Literal["fr", "en"]
Kind = Literal["cardinal", "ordinal", "percent", "year", "decade", "date", "time", "fraction", "approximate", "roman"]
"""``approximate``: no exact count ("des dizaines de milliers", "une vingtaine"); ``roman``: « XXIe », « Ier ».
``date`` and ``time`` are the forms in digits ("12/05/2024", "14 h 30"); the day before a named month is a cardinal or an ordinal."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands in a text.

    ``value`` is what it is worth: with its scale word ("1,5 milliard" → 1 500 000 000), without its percent sign ("20 %" → 20); a
    time is worth its hours ("14 h 30" → 29/2), a date the digits of year, month and day (20240512). ``scale``: the factor of the
    scale word or letter that it ends with. ``unit``: the sign beside it where it is one of "%", "€", "$", "£", "h". ``also``: other
    values that the same characters can stand for. ``parts``: the numbers that a time, date or fraction is written with.
    """

    span: Span
    text: str
    value: Fraction
    kind: Kind = "cardinal"
    scale: int = 1
    unit: str = ""
    digits: bool = True
    also: tuple[Fraction, ...] = ()
    parts: tuple[Fraction, ...] = ()

    @property
    def readings(self) -> tuple[Fraction, ...]:
        """Every value that the number can stand for, the likeliest first."""
        return (self.value, *self.also)


class Found(NamedTuple):
    """A `Number` and its weight in a comparison: is it missed when the other side lacks it, and is it a number of its own?"""

    number: Number
    required: bool
    own: bool = True
    part_of: Number | None = None

    @property
    def whole(self) -> Number:
        """The number as it stands in the text, where this is a part of one that was taken apart."""
        return self.part_of or self.number


# ------------------------------------------------------------------------------------------------------------- tokens

SPACES = " \u00a0\u202f\u2009"
SPACE = f"[{SPACES}]"
_LONGEST = 30  # digits; a longer run is an identifier

_SKIPPED = (
    r"(?P<skip>(?:https?|ftp)://\S+|(?<![\w.@])www\.\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
    r"|(?<![\w@/.])@\w{1,50}|(?<!\w)#(?=\d{0,20}[^\W\d_])\w{1,80}|0x[0-9A-Fa-f]+)"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_CODE = (
    # a telephone number, an IP address, or letters with digits: H100, GPT-4, v2.0, Covid-19
    rf"(?P<code>(?:\+\d{{1,3}}{SPACE}?(?:\(0\))?\d|0\d)(?:[.\-{SPACES}]?\d\d){{4}}(?!\d)"
    rf"|(?:{_OCTET}\.){{3}}{_OCTET}(?![.,]?\d)"
    r"|[^\W\d_]++[-\u2011]?\d\w*+(?:[-.\u2011]\d\w*+)*)"
)
_PREFIX = r"(?P<prefix>(?:mi|mid|pré|pre|post|après|avant|fin|début|early|late|sous|under|over|plus|moins|non|end)-(?=\d))"
_DATE = r"(?P<date>\d{4}-\d\d-\d\d(?![\w-])|\d{1,2}(?P<ds>[./-])\d{1,2}(?P=ds)(?:\d{4}|\d\d)(?![\w-]|[./]\d))"
_DOTTED = r"(?P<dotted>\d+(?:\.\d+){2,})"
_FRACTION = r"(?P<fraction>\d{1,4}(?:[.,]\d{1,3})?/\d{1,4}(?:[.,]\d{1,3})?(?![\w/]))"
_VULGAR = r"(?P<vulgar>[½⅓⅔¼¾])"
_WORD = r"(?P<word>[^\W\d_]++)"
_MORE_THAN_WORDS = re.compile(r"[\d½⅓⅔¼¾@#]|://|www\.")
_ONLY_WORDS = re.compile(_WORD)  # most sentences: several times as quick
_HOUR = r"(?:[01]?\d|2[0-4])"
_TIME = {
    "fr": rf"(?P<time>{_HOUR}(?:{SPACE}?h(?:eures?)?(?:{SPACE}?[0-5]\d(?:{SPACE}?min(?:utes)?\b)?)?|:[0-5]\d(?::[0-5]\d)?)(?!\w))",
    "en": rf"(?P<time>{_HOUR}(?:(?:[:.h][0-5]\d)?{SPACE}?(?:[ap]\.{SPACE}?m\.|[ap]m\b)"
    rf"|[:h][0-5]\d(?::[0-5]\d)?(?!\w)|{SPACE}o['’]clock\b))",
}
_GROUPED = {
    # « 100 000 », « 100.000 », a sloppy « 1,000,000 »; a decimal comma may follow
    "fr": rf"(?P<group>[1-9]\d{{0,2}}(?P<gs>[.'’{SPACES}])\d{{3}}(?:(?P=gs)\d{{3}})*+(?!\d)(?:,\d+)?"
    r"|[1-9]\d{0,2}(?:,\d{3}){2,}(?!\d))",
    "en": r"(?P<group>[1-9]\d{0,2}(?:,\d{3})++(?!\d)(?:\.\d+)?)",
    # what a model writes that has read much French: "100 000", "100.000", "100, 000", "1 299,99"
    "lenient": rf"(?P<group>[1-9]\d{{0,2}}(?P<gs>,{SPACE}|[.,{SPACES}])\d{{3}}(?:(?P=gs)\d{{3}})*+(?!\d)(?:[.,]\d+)?)",
}
_PLAIN = {"fr": r"(?P<plain>\d+(?:[.,]\d+)?)", "en": r"(?P<plain>\d+(?:\.\d+)?)", "lenient": r"(?P<plain>\d+(?:[.,]\d+)?)"}


@cache
def _pattern(language: Language, lenient: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What a token is, and a numeral without anything around it."""
    form = "lenient" if lenient and language == "en" else language
    order = (_SKIPPED, _DATE, _TIME[language], _FRACTION, _PREFIX, _CODE, _GROUPED[form], _DOTTED, _PLAIN[form], _VULGAR, _WORD)
    return re.compile("|".join(order)), re.compile(_PLAIN[form])


class Word(NamedTuple):
    """A number word."""

    role: str  # unit, hundred, scale or about: see the comment in the table
    value: int
    ordinal: bool
    plural: bool  # "millions", « milliers »: no exact count where no number stands before it


class Token(NamedTuple):
    """A number word, or something in digits that is `found` to be a number (or to be none: a name, a telephone number)."""

    start: int
    end: int
    word: Word | None = None
    found: Found | None = None


@cache
def _words(language: Language) -> tuple[dict[str, Word], dict[str, tuple[Fraction, ...]]]:
    tables = json.loads((files("bilingual") / "data" / "number_words.json").read_text(encoding="utf-8"))[language]
    hints: dict[str, tuple[Fraction, ...]] = {}
    for value, names in tables.pop("hints").items():
        for name in names.split():
            hints[name] = (*hints.get(name, ()), Fraction(value))
    words = {}
    for role, table in tables.items():
        kind, ordinal = role.removeprefix("ordinal_"), role.startswith("ordinal_")
        for value, names in table.items():
            for name in names.split():
                words[name] = Word(kind, int(value), ordinal, kind in ("hundred", "scale", "about") and name.endswith("s"))
    return words, hints


def tokenise(text: str, language: Language, lenient: bool) -> Iterator[Token]:
    """The number words and the digits of `text`, in order.

    >>> [(t.start, t.end) for t in tokenise("Deux H100 et 16 000 puces", "fr", False)]
    [(0, 4), (5, 9), (13, 19)]
    """
    words, hints = _words(language)
    pattern, plain = _pattern(language, lenient) if _MORE_THAN_WORDS.search(text) else (_ONLY_WORDS, _ONLY_WORDS)
    position = 0
    while match := pattern.search(text, position):
        kind, span, written = match.lastgroup, match.span(), match.group()
        position = span[1]
        if kind == "word":
            name = written.lower()
            if word := words.get(name):
                yield Token(*span, word)
            elif name in hints:
                yield _hidden(span, written, hints[name])
            elif written[0] in _ROMAN_DIGITS and len(written) > 1 and (roman := _ROMAN.fullmatch(written)):
                number = Number(span, written, Fraction(_roman(roman["r"])), "roman", digits=False)
                # with « siècle » it must come through; "Louis XIV" and « tome II » stay what they are
                yield Token(*span, found=Found(number, _CENTURY.match(text, span[1]) is not None, bool(roman["o"])))
        elif kind in ("code", "dotted"):
            yield _hidden(span, written, tuple(_digits(run) for run in re.findall(r"\d{1,30}", written)))
        elif kind == "vulgar":
            yield Token(*span, found=Found(Number(span, written, _VULGARS[written], "fraction"), False))
        elif kind in ("time", "date", "fraction") and (made := _composite(kind, span, written, language)):
            if kind == "time" and language == "fr" and made.value < 12 and _EVENING.match(text, position):
                made = replace(made, value=made.value + 12, also=(made.value,))
            yield Token(*span, found=Found(made, True))
        elif kind not in ("skip", "prefix"):
            numeral = match if kind in ("group", "plain") else plain.match(text, span[0])  # 45/99/2024 is no date
            if numeral:
                token = _numeral(text, numeral, language, lenient)
                position = token.end
                yield token


def _hidden(span: Span, text: str, values: tuple[Fraction, ...]) -> Token:
    return Token(*span, found=Found(Number(span, text, values[0], digits=False, also=values[1:]), False, False))


# ------------------------------------------------------------------------------------------------------------ numerals

_UNITS = frozenset(
    "km m cm mm µm nm kg g mg t l L cl ml h min mn s ms W kW MW GW TW Wh kWh MWh GWh TWh V kV A mA Hz kHz MHz GHz Ko Mo Go To Po Eo "
    "kB KB MB GB TB PB ha px C F eV x EUR USD GBP CHF euros dollars ans".split()
)
_LETTERS = re.compile(r"[^\W\d_]+\w*")
MONEY_BEFORE = re.compile(rf"(?P<sign>[€$£]|\b(?:EUR|USD|GBP)){SPACE}?\Z")
MONEY_AFTER = re.compile(rf"{SPACE}?(?:de{SPACE}|d['’])?(?P<sign>[€$£]|(?:EUR|USD|GBP|euro|dollar)(?=s?\b))", re.IGNORECASE)
MONEY = {"€": "€", "eur": "€", "euro": "€", "$": "$", "usd": "$", "dollar": "$", "£": "£", "gbp": "£"}
_ABBREVIATION = re.compile(rf"{SPACE}?(?P<a>mds?|mrds?|mio|m|k|bn|tn|trn|mn|mln|b)\.?(?![^\W_])", re.IGNORECASE)
_FACTORS = {"k": 10**3, "m": 10**6, "mio": 10**6, "mn": 10**6, "mln": 10**6, "tn": 10**12, "trn": 10**12}  # the others: 10^9
_ORDINAL = {
    "fr": re.compile(r"(?:er|ère|ere|re|e|è|ème|eme|ième|nde?|ᵉʳ|ʳᵉ|ᵉ)s?(?!\w)"),
    "en": re.compile(r"(?:st|nd|rd|th)(?!\w)"),
    "lenient": re.compile(r"(?:st|nd|rd|th|er|ère|re|e|ème)(?!\w)"),
}
DECADE_BEFORE = re.compile(rf"\bannées{SPACE}\Z", re.IGNORECASE)
_DECADE_AFTER = re.compile(r"['’]?s(?!\w)")
_SHORT_YEAR_BEFORE = re.compile(r"(?:(?:^|\W)['’]|\b(?:en|mai|saison|depuis) |\b[12]\d{3}[-–/])\Z")
_ROMAN = re.compile(r"(?P<r>[IVX]{1,7})(?P<o>er|re|e|es|è|ème|ᵉ|ᵉʳ|st|nd|rd|th)?")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10}  # « Le » and « Ce » are words
_CENTURY = re.compile(rf"(?:{SPACE}(?:et|ou|au|-){SPACE}(?:le{SPACE}|au{SPACE})?[IVX]{{1,5}}(?:e|ème|ᵉ))?{SPACE}siècles?\b")
_EVENING = re.compile(rf"{SPACE}(?:du{SPACE}soir|de{SPACE}l['’]après-midi)\b")
_VULGARS = {"½": Fraction(1, 2), "⅓": Fraction(1, 3), "⅔": Fraction(2, 3), "¼": Fraction(1, 4), "¾": Fraction(3, 4)}


def centuries(decade: Fraction) -> tuple[Fraction, ...]:
    """The years that « années 90 » can begin with.

    >>> [int(year) for year in centuries(Fraction(90))]
    [1990, 1890]
    """
    return (decade + 1900, decade + 1800) if decade < 100 else ()


def _digits(text: str) -> Fraction:
    return Fraction(int(text))


def _roman(text: str) -> int:
    values = [_ROMAN_DIGITS[c] for c in text]
    return sum(-v if any(w > v for w in values[i + 1 : i + 2]) else v for i, v in enumerate(values))


def _composite(kind: str, span: Span, text: str, language: Language) -> Number | None:
    """A time, a date or a fraction; None for a date that is none."""
    found = [Fraction(part.replace(",", ".")) for part in re.findall(r"\d+(?:[.,]\d+)?" if kind == "fraction" else r"\d+", text)]
    parts = tuple(found)
    if kind == "fraction":
        return Number(span, text, found[0] / found[1] if found[1] else found[0], "fraction", parts=parts)
    if kind == "time":
        value = sum((part / 60**power for power, part in enumerate(found)), Fraction(0))
        half = re.search(r"[ap](?=\.?\s?m)", text) if language == "en" else None
        if half and found[0] <= 12:
            value = value % 12 + (12 if half.group() == "p" else 0)
        return Number(span, text, value, "time", unit="h", parts=parts)
    day, month, year = reversed(found) if "-" in text[4:5] else found
    if language == "en" and month > 12:
        day, month = month, day
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    return Number(span, text, year * 10000 + month * 100 + day, "date", parts=(day, month, year))


def _numeral(text: str, match: re.Match[str], language: Language, lenient: bool) -> Token:
    """The number written in digits at `match`, with the letters that hang on to it; hidden where these make a name of it."""
    (start, end), written = match.span(), match.group()
    if len(written) > _LONGEST:
        return _hidden((start, end), written, (Fraction(0),))
    if match.lastgroup == "group":
        value, also, parts = _read_grouped(written, match["gs"] if "gs" in match.groupdict() else None, language)
    else:
        value, also, parts = *_read_plain(written, language), ()
    if text[start - 1 : start] in ("-", "−") and (start == 1 or text[start - 2] in SPACES + '(«“"'):
        value, also = -value, tuple(-reading for reading in also)
    kind: Kind = "cardinal"
    scale = 1
    whole = written.isdigit()
    if language == "en" and whole and (decade := _DECADE_AFTER.match(text, end)):
        kind, end, also = "decade", decade.end(), centuries(value)
    elif whole and (ordinal := _ORDINAL["lenient" if lenient and language == "en" else language].match(text, end)):
        kind, end = "ordinal", ordinal.end()
        if language == "fr" and text.startswith(" de finale", end):
            also = (2 * value,)  # « 8e de finale » is the last 16
    elif abbreviated := _ABBREVIATION.match(text, end):
        letters = abbreviated["a"]
        attached = abbreviated.start("a") == end
        factor = _FACTORS.get(letters.lower(), 10**9)
        money = MONEY_AFTER.match(text, abbreviated.end()) or MONEY_BEFORE.search(text, max(0, start - 5), start)
        if money or letters.lower() not in ("m", "b", "k") or (attached and letters == "k"):
            scale, end = factor, abbreviated.end("a")
        elif letters in ("M", "B") or (attached and letters == "m"):
            also = (*also, value * factor)
            end = abbreviated.end("a") if attached else end
        value, also = value * scale, tuple(reading * scale for reading in also)
    hanging = _LETTERS.match(text, end) if scale == 1 and kind == "cardinal" else None
    if hanging and hanging.group() not in _UNITS and hanging.group().lower() not in _words(language)[0]:
        return _hidden((start, hanging.end()), text[start : hanging.end()], (value, *also, value * 1000))
    if whole and len(written) == 2 and _SHORT_YEAR_BEFORE.search(text, max(0, start - 8), start):
        also = (*also, value + 1900, value + 2000)
    number = Number((start, end), text[start:end], value, kind, scale, also=also, parts=parts)
    return Token(start, end, None, Found(number, True))


def _read_plain(text: str, language: Language) -> tuple[Fraction, tuple[Fraction, ...]]:
    """Value and other readings of a numeral with at most one mark in it."""
    whole, _, decimals = text.replace(",", ".").partition(".")
    if not decimals:
        return _digits(whole), ()
    value = Fraction(f"{whole}.{decimals}")
    if len(decimals) == 3 and len(whole) <= 3 and whole[0] != "0":
        grouped = _digits(whole + decimals)
        # « 12,000 » counts even in French; « 1,257 » has decimals, and so has "1.250" in English
        return (grouped, ()) if decimals == "000" and "," in text else (value, (grouped,))
    return value, ()


def _read_grouped(
    text: str, separator: str | None, language: Language
) -> tuple[Fraction, tuple[Fraction, ...], tuple[Fraction, ...]]:
    """Value, other readings, and the numbers that it would be if the separator only parted a list ("in 3 500 places")."""
    if separator is None:  # commas alone
        value = Fraction(text.replace(",", ""))
        other = text.replace(",", ".")
        return value, (Fraction(other),) if language == "en" and other.count(".") == 1 else (), ()
    whole = re.match(rf"\d+(?:{re.escape(separator)}\d{{3}})+", text)
    groups, decimals = (whole.group(), text[whole.end() + 1 :]) if whole else (text, "")
    pieces = groups.split(separator)
    value = Fraction("".join(pieces) + (f".{decimals}" if decimals else ""))
    if len(pieces) == 2 and not decimals and separator in (".", ","):
        point = Fraction(f"{pieces[0]}.{pieces[1]}")
        if separator == "." and language == "en":
            return point, (value,), ()
        return value, () if pieces[1] == "000" else (point,), ()
    listed = separator not in (".", ",") and not decimals and not any(piece[0] == "0" for piece in pieces)
    return value, (), tuple(map(_digits, pieces)) if listed else ()
