"""The English form of numbers, ordinals, dates, times, percentages and amounts of money in a translation from French.

Nothing is changed on the looks alone: a number is rewritten where the source has a number that is worth what the new form says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from bilingual.numbers import find_numbers, scan
from bilingual.numerals import SPACE, SPACES, Found, Number
from bilingual.rewriting import Rewriting

SCALES = {10**3: "thousand", 10**6: "million", 10**9: "billion", 10**12: "trillion", 10**15: "quadrillion"}
_MONTHS = dict(
    zip(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
        "January February March April May June July August September October November December".split(),
        strict=True,
    )
)
# What one of the rules below could take hold of: most sentences have nothing of it, even with a year in them.
_MENDABLE = re.compile(
    rf"\d[.,{SPACES}]+\d|\d{{5}}|[€$£⁇]|\b(?:EUR|USD|GBP)\b|\d{SPACE}*%|\d{SPACE}?[a-zèéᵉH]|illi|centur|Centur"
)


def number_forms(work: Rewriting, source: str) -> None:
    """Apply all rules of this room, in order: numerals, scale words, centuries, ordinals, dates, times, percentages, money.

    >>> work = Rewriting("EUR 1,5 billion for 100 000 chips")
    >>> number_forms(work, "1,5 milliard d’euros pour 100 000 puces")
    >>> work.text, [edit.method for edit in work.edits]
    ('€1.5 billion for 100,000 chips', ['number', 'number', 'currency'])
    """
    if not _MENDABLE.search(work.text):
        return
    found = scan(source, "fr")
    ours = [f.number for f in found]
    if ours:
        _numerals(work, ours)
        if "illi" in work.text:
            _scale_words(work, ours)
        if "siècle" in source:
            _centuries(work, found)
        _ordinals(work, ours)
        _dates(work, ours)
        _times(work, ours)
        _money(work, source, ours)
    if "%" in work.text:
        work.sub(_PERCENT, "%", "percent")


def _values(numbers: Iterable[Number]) -> set[Fraction]:
    return {reading for number in numbers for reading in number.readings}


def _by_reading(numbers: Iterable[Number], first_only: bool = False) -> dict[Fraction, Number]:
    """The first number for each value, whatever its sign; likeliest readings alone with `first_only`."""
    found: dict[Fraction, Number] = {}
    for number in numbers:
        for reading in number.readings[: 1 if first_only else None]:
            found.setdefault(abs(reading), number)
    return found


def _mantissa(number: Number) -> Fraction:
    return abs(number.value) / number.scale


# ------------------------------------------------------------------------------------------------------------ numerals

_NUMERAL = re.compile(rf"\d(?:[\d.,]|,?{SPACE}(?=\d))*\d|\d")
_ENGLISH = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_VERSION = re.compile(r"(?:\bversions?|\bv\.?|\brelease)\s?\Z", re.IGNORECASE)


def _numerals(work: Rewriting, ours: list[Number]) -> None:
    """100 000, 100.000 and "100, 000" → 100,000; 1,5 → 1.5; 1 299,99 → 1,299.99."""
    first, any_reading = _by_reading(ours, first_only=True), _by_reading(ours)
    for number in reversed(find_numbers(work.text, "en", lenient=True)):
        start = number.span[0]
        numeral = _NUMERAL.match(work.text, start, number.span[1])
        if number.kind == "fraction" and "," in number.text and number.value in first:
            work.replace(*number.span, number.text.replace(",", "."), "number")  # 7,5/10
        if not numeral or number.kind in ("time", "date", "fraction", "decade"):
            continue
        written = numeral.group()
        strict = Fraction(written.replace(",", "")) * number.scale if _ENGLISH.fullmatch(written) else None
        same = first.get(strict) if strict is not None else None
        if same and strict is not None:
            # 85000 for « 85 000 »; else it is in English form
            ungrouped = written.isdigit() and len(written) >= 5 and not same.text[: len(written)].isdigit()
            meant = [(strict, same)] if ungrouped else []
        else:
            meant = [(abs(r), first[abs(r)]) for r in number.readings if abs(r) in first]
            if not meant and strict not in any_reading:
                meant = [(abs(r), any_reading[abs(r)]) for r in number.readings if abs(r) in any_reading]
        if meant and not _VERSION.search(work.text, max(0, start - 9), start):
            value, wanted = meant[0]
            if form := _english_numeral(written, value / number.scale, plain=wanted.text.isdigit()):
                work.replace(start, numeral.end(), form, "number")


def _english_numeral(written: str, value: Fraction, plain: bool) -> str | None:
    """The digits of `written` with English marks, so that they are worth `value`; None where they cannot be.

    >>> _english_numeral("1 299,90", Fraction("1299.9"), False), _english_numeral("2.024", Fraction(2024), True)
    ('1,299.90', '2024')
    """
    digits = re.sub(r"\D", "", written)
    for decimals in range(len(digits)):
        if Fraction(int(digits), 10**decimals) == value:
            whole = digits[: len(digits) - decimals]
            grouped = whole if plain or len(whole) < 4 else f"{int(whole):,}"
            return f"{grouped}.{digits[-decimals:]}" if decimals else grouped
    return None


# --------------------------------------------------------------------------------------------------------- scale words

_SCALE_WORD = re.compile(r"\b(?:(?:thousand|million|billion|trillion|quadrillion)(s?)|milliard(s?))\b", re.IGNORECASE)
_SCALE_AFTER_NUMBER = re.compile(
    rf"(?<=\d)({SPACE})?(?:(thousand|million|billion|trillion)s|(milliards?))\b(?!{SPACE}of\b)", re.IGNORECASE
)
_THOUSAND_BILLION = re.compile(rf"(?<![\w.,-])(\d{{1,3}},?\d00){SPACE}billion\b")  # « 3 000 milliards » is 3 trillion
_MILLIARD = re.compile(r"\b([Mm])illiard(s?)\b")


def _scale_words(work: Rewriting, ours: list[Number]) -> None:
    """« billion » → trillion, milliard → billion, "5 millions" → "5 million"; a scale word that is plainly the wrong one."""
    theirs = find_numbers(work.text, "en", lenient=True)
    here, there = _values(theirs), _values(ours)
    lost = [n for n in ours if n.scale in SCALES and n.value not in here]
    wrong = [n for n in theirs if n.scale >= 1000 and n.value not in there]
    rivals, same_digits = Counter(map(_mantissa, lost)), Counter(map(_mantissa, wrong))
    wanted = {_mantissa(n): n.scale for n in lost if rivals[_mantissa(n)] == 1}
    for number in reversed(wrong):
        scale = wanted.get(_mantissa(number))
        words = list(_SCALE_WORD.finditer(work.text, *number.span))
        if scale and same_digits[_mantissa(number)] == 1 and len(words) == 1:
            work.replace(*words[0].span(), SCALES[scale] + (words[0][1] or words[0][2] or ""), "number")
    work.sub(_SCALE_AFTER_NUMBER, lambda m: f" {(m[2] or 'billion').lower()}", "number")
    there = {abs(n.value) for n in ours}

    def in_trillions(match: re.Match[str]) -> str | None:
        billions = int(match[1].replace(",", ""))
        return f"{billions / 1000:g} trillion" if Fraction(billions * 10**9) in there and billions < 10**6 else None

    work.sub(_THOUSAND_BILLION, in_trillions, "number")
    if "illiard" in work.text:
        work.sub(_MILLIARD, lambda m: ("B" if m[1] == "M" else "b") + "illion" + m[2], "number")


# ------------------------------------------------------------------------------------------- centuries, ordinals, dates

_ORDINAL = re.compile(r"(?<![\w.,-])(\d{1,4})(?:er|ère|ere|re|e|è|ème|eme|ième|ᵉʳ|ʳᵉ|ᵉ|st|nd|rd|th)(?!\w)")
_CENTURY_WORDS = re.compile(r"\bcentur(?:y|ies)\b", re.IGNORECASE)
_MONTH = "|".join((*_MONTHS.values(), *_MONTHS))
_FRENCH_DATE = re.compile(
    rf"(?<![\w.,-])(?P<day>[12]?\d|3[01])(?P<er>er|ᵉʳ)?{SPACE}(?:of{SPACE})?(?P<month>{_MONTH})\b(?:{SPACE}(?P<year>\d{{4}})(?!\d))?"
)


def ordinal(value: int) -> str:
    """A number with its English ending.

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112, 103)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th', '103rd']
    """
    ending = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


def _centuries(work: Rewriting, ours: list[Found]) -> None:
    """« XIXe siècle » → 19th century: where the translation names as many centuries as the source, each gets its number back."""
    if not _CENTURY_WORDS.search(work.text):
        return
    romans = [found for found in ours if found.number.kind == "roman"]
    wanted = [int(f.number.value) for f in romans if f.required or not f.number.text.endswith("er")]
    others = {f.number.value for f in ours if f.number.kind == "ordinal"}
    given = [
        n
        for n in find_numbers(work.text, "en")
        if n.kind == "roman" or (n.kind == "ordinal" and (n.digits or n.value > 10) and n.value not in others)
    ]
    if len(wanted) == len(given):
        for value, number in reversed(list(zip(wanted, given, strict=True))):
            if number.value != value or number.kind == "roman":
                work.replace(*number.span, ordinal(value), "number")


def _ordinals(work: Rewriting, ours: list[Number]) -> None:
    """2e, 2ème → 2nd; 21th → 21st."""
    wanted = {int(n.value) for n in ours if n.kind == "ordinal" and n.digits}
    if wanted:
        dates = [m.span() for m in _FRENCH_DATE.finditer(work.text)]

        def form(match: re.Match[str]) -> str | None:
            in_date = any(a <= match.start() < b for a, b in dates)
            return ordinal(int(match[1])) if int(match[1]) in wanted and not in_date else None

        work.sub(_ORDINAL, form, "ordinal")


def _dates(work: Rewriting, ours: list[Number]) -> None:
    """1er June 2024, 3 juin 2024 → June 1, 2024, June 3, 2024. An English "3 June 2024" stays."""
    days = _values(ours)

    def form(match: re.Match[str]) -> str | None:
        month = match["month"]
        if (not match["er"] and month not in _MONTHS) or Fraction(int(match["day"])) not in days:
            return None
        year = f", {match['year']}" if match["year"] else ""
        return f"{_MONTHS.get(month, month)} {match['day']}{year}"

    work.sub(_FRENCH_DATE, form, "date")


# ----------------------------------------------------------------------------------------------------- times, percents

_FRENCH_TIME = re.compile(rf"(?<![\w.,:])(?P<h>[01]?\d|2[0-4])(?:{SPACE}?[hH]{SPACE}?|\.)(?P<m>[0-5]\d)(?![\w:]|[.,]\d)")
_HALF_DAY = re.compile(r"[ap](?=\.?\s?m)")
_PERCENT = re.compile(rf"(?<=\d){SPACE}+%")


def _times(work: Rewriting, ours: list[Number]) -> None:
    """14h30, 14 h 30, 14.30 → 14:30; 2.30 p.m. → 2:30 p.m.; and the right half of the day, which a French clock leaves no doubt of:
    « 6 h 30 » is not 6:30 p.m."""
    times = [n for n in ours if n.kind == "time"]
    if not times:
        return
    exact = {n.parts[:2] for n in times if len(n.parts) > 1}

    def form(match: re.Match[str]) -> str | None:
        hours, minutes = Fraction(int(match["h"])), Fraction(int(match["m"]))
        return f"{match['h']}:{match['m']}" if (hours, minutes) in exact or (hours + 12, minutes) in exact else None

    if exact:
        work.sub(_FRENCH_TIME, form, "time")
    said = _values(times)
    for number in reversed(find_numbers(work.text, "en")):
        half = _HALF_DAY.search(work.text, *number.span) if number.kind == "time" else None
        if half and number.value not in said and (number.value + 12) % 24 in said:
            flipped = {"a": "p", "p": "a"}[half.group()]
            work.replace(*half.span(), flipped, "time")


# --------------------------------------------------------------------------------------------------------------- money

_SIGNS = {
    "€": "€",
    "EUR": "€",
    "euro": "€",
    "euros": "€",
    "$": "$",
    "US$": "US$",
    "USD": "$",
    "dollars": "$",
    "£": "£",
    "GBP": "£",
}
_EN_NUMERAL = r"(?:[1-9]\d{0,2}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?:(?P<pre>US\$|[€$£]|EUR|USD|GBP){SPACE}?|(?P<first>{_EN_NUMERAL})(?P<link>{SPACE}(?:and|to|or){SPACE}))?"
    rf"(?P<num>(?:{_EN_NUMERAL}[-–])?(?P<last>{_EN_NUMERAL}))(?![\d%]|[.,]\d)"
    rf"(?:{SPACE}?(?P<scale>thousand|million|billion|trillion|Mds?|Mrds?|bn|M|k)(?![^\W_]))?"
    rf"(?:{SPACE}*(?P<post>[€$£⁇](?!\w)|(?:EUR|USD|GBP|[Ee]uros?)\b))?"
)
_ABBREVIATED = {"M": 10**6, "k": 10**3, "bn": 10**9, "Md": 10**9, "Mds": 10**9, "Mrd": 10**9, "Mrds": 10**9}
_WORDED = {word: factor for factor, word in SCALES.items()}
_CODE = re.compile(r"\b(?:EUR|USD|GBP)\b")


def _money(work: Rewriting, source: str, ours: list[Number]) -> None:
    """5 €, EUR 5 → €5; 6 billion $ → $6 billion; 2.3 M€ → €2.3 million; and the sign that the source has, where it is another one."""
    units = {n.unit for n in ours if n.unit in ("€", "$", "£")}
    if not units and not any(sign in work.text for sign in "€$£"):
        return
    coded = _CODE.search(source) is not None
    # an amount is the first number of that value that has a sign, else the first; or the only one of its digits, its scale lost
    with_sign = [n for n in ours if n.unit in units]
    exact = _by_reading(ours) | _by_reading(with_sign)
    rivals = Counter(map(_mantissa, with_sign))
    scaled = {_mantissa(n): n for n in with_sign if n.scale > 1 and rivals[_mantissa(n)] == 1}

    def amount_of(amount: Fraction, factor: int) -> Number | None:
        return exact.get(amount * factor) or (scaled.get(amount) if factor == 1 else None)

    def form(match: re.Match[str]) -> str | None:
        before, after = match["pre"], match["post"]
        if not before and (not after or after.lower().startswith("euro")):
            return None
        if coded and (before in ("EUR", "USD", "GBP") or after in ("EUR", "USD", "GBP")):
            return None
        scale = match["scale"] or ""
        factor = _ABBREVIATED.get(scale) or _WORDED.get(scale, 1)
        amount = Fraction(match["last"].replace(",", ""))
        number = amount_of(amount, factor)
        if number is None:
            return None
        own = _SIGNS.get(before or "") or _SIGNS.get(after or "")
        sign = number.unit if number.unit in units else own
        if sign is None:
            return None
        if own and own.removeprefix("US") == sign:
            sign = own
        elif own and own.removeprefix("US") in units:
            return None  # both currencies stand in the source: which one belongs here is not ours to say
        if factor == 1 and _lost_scale(number, amount):
            factor = number.scale  # « 45 M€ » without its million
        figure, word = match["num"], f" {SCALES[factor]}" if factor in SCALES else ""
        if scale == "bn":
            word = scale
        elif factor == 1000 and scale != "thousand":
            if figure != match["last"] or (amount * 1000).denominator != 1:
                return None
            figure, word = f"{int(amount * 1000):,}", ""
        first = match["first"]
        if first:
            low = amount_of(Fraction(first.replace(",", "")), factor)
            first = f"{sign if low and low.unit else ''}{first}{match['link']}"
        return f"{first or ''}{sign}{figure}{word}"

    work.sub(_AMOUNT, form, "currency")


def _lost_scale(number: Number, amount: Fraction) -> bool:
    return number.scale > 1 and amount * number.scale == abs(number.value) and amount not in map(abs, number.also)
