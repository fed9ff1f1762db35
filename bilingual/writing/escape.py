"""Text from outside made safe to stand in a page: nothing hidden in it survives, and nothing in it is read as markup.

`visible` serves every format that people read; `escape` and `mark` are for Markdown (CommonMark 0.31 with GitHub's tables,
strikethrough and autolinks). Every expression here is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bilingual.document import Span

LINE_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
"""Whatever any reader takes for the end of a line (the set of `str.splitlines`)."""

BULLET = re.compile(r"\s*(?:[-+*•–—‣◦·▪]|\d{1,3}[.)])\s")
"""How an item of a list begins that has brought its own bullet or number."""

_HIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, the bidi marks that reorder what follows them, and surrogates (which no file can hold)."""

_URL = re.compile(r"(?:(?:https?|ftp)://|www\.)[^ \t]*", re.IGNORECASE)
"""What GitHub may make a link of: a no-break space does not end it there."""

_URL_START = re.compile(r"(?:https?|ftp)(?=://)|www(?=\.)", re.IGNORECASE)

_SPECIAL = re.compile(
    r"[\\`*\[\]|~<>\u200e\u200f\u061c]"
    r"|&(?=#[0-9]{1,8};|#[xX][0-9a-fA-F]{1,7};|[A-Za-z][A-Za-z0-9]{0,40};)"
    r"|(?<![^\W_])_|_(?![^\W_])"  # an underscore inside a word is never markup
    r"|(?<=\{)[{%]"  # templates of static site generators
)
_SPECIAL_OR_DOLLAR = re.compile(_SPECIAL.pattern + r"|\$")
_REPLACED = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "\u200e": "&lrm;", "\u200f": "&rlm;", "\u061c": "&#x61C;"}


def visible(text: str) -> str:
    r"""`text` on one line, with nothing hidden: line breaks become a space, controls their pictures, and the marks that
    reorder what is around them, like surrogates, their code point. Single left-to-right marks stay: they do no harm.

    >>> visible("un\ndeux\x00 \u202etrois")
    'un deux␀ ⟦U+202E⟧trois'
    """
    return _HIDDEN.sub(_shown, LINE_BREAKS.sub(" ", text))


def escape(text: str, *, formulas: bool | None = None) -> str:
    r"""`text` as inline Markdown that renders as ``visible(text)`` and as nothing else, also inside a cell of a table.

    Escapes what needs it and no more, so that the source stays readable. A web address is left alone where it can be; one that
    holds a character which needs a backslash is kept from becoming a link, since GitHub would show the backslash. Dollars are
    escaped where there are two (`formulas` decides otherwise): between two of them, some pages expect a formula.

    >>> print(escape("R&D | *gras* <b>, snake_case"))
    R&D \| \*gras\* &lt;b&gt;, snake_case
    >>> print(escape("https://exemple.fr/a_b https://exemple.fr/~moi"))
    https://exemple.fr/a_b https\://exemple.fr/\~moi
    """
    text = visible(text).replace("\t", " ")
    special = _SPECIAL_OR_DOLLAR if formulas or (formulas is None and text.count("$") > 1) else _SPECIAL
    parts, end = [], 0
    for url in _URL.finditer(text):
        parts.append(special.sub(_escaped, text[end : url.start()]))
        parts.append(_address(url[0], special))
        end = url.end()
    parts.append(special.sub(_escaped, text[end:]))
    return "".join(parts)


def mark(text: str, spans: Iterable[tuple[Span, str]]) -> str:
    r"""`text` as inline Markdown with `spans` in bold, each followed by its own sign ("" for none).

    Spans that overlap or touch are one stretch of bold with the first sign among them; spans are cut to the text, and one that
    reaches into a web address is left out. Asterisks make bold only beside certain characters (CommonMark, "left-flanking
    delimiter run"): where a span begins or ends with punctuation in the middle of a word, its letters alone are bold.

    >>> print(mark("L’IA et le C++.", [((2, 4), ""), ((11, 14), " ⚠")]))
    L’**IA** et le **C++** ⚠.
    """
    formulas = text.count("$") > 1
    parts, end = [], 0
    for start, stop, sign in _merged(spans, text):
        left, right = _bold_edges(text, start, stop)
        if left < right:
            parts += [escape(text[end:left], formulas=formulas), "**", escape(text[left:right], formulas=formulas), "**"]
            end = right  # what is left of the span stays with the text behind it: an entity may begin there
        if sign:
            parts += [escape(text[end:stop], formulas=formulas), sign]
            end = stop
    parts.append(escape(text[end:], formulas=formulas))
    return "".join(parts)


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 32:
        return chr(0x2400 + code)
    return "\u2421" if code == 127 else f"⟦U+{code:04X}⟧"


def _escaped(match: re.Match[str]) -> str:
    return _REPLACED.get(match[0]) or "\\" + match[0]


def _address(url: str, special: re.Pattern[str]) -> str:
    escaped = special.sub(_escaped, url)
    return url if escaped == url else _URL_START.sub(r"\g<0>\\", escaped)


def _merged(spans: Iterable[tuple[Span, str]], text: str) -> list[tuple[int, int, str]]:
    """The spans in order, cut to the text and its words, without empty ones and those in web addresses; those that meet made one."""
    urls = [url.span() for url in _URL.finditer(text)]
    merged: list[tuple[int, int, str]] = []
    for (start, stop), sign in sorted(spans):
        stop = min(stop, len(text))
        while start < stop and _is_space(text[start]):
            start += 1
        while start < stop and _is_space(text[stop - 1]):
            stop -= 1
        if start >= stop or any(start < last and first < stop for first, last in urls):
            continue
        if merged and start <= merged[-1][1]:
            first, last, other = merged[-1]
            merged[-1] = (first, max(last, stop), other or sign)
        else:
            merged.append((start, stop, sign))
    return merged


def _bold_edges(text: str, start: int, stop: int) -> tuple[int, int]:
    """The part of a span that asterisks can stand around: all of it between spaces, else from its first letter to its last."""
    free_before = start == 0 or _is_space(text[start - 1])
    free_after = stop == len(text) or _is_space(text[stop]) or text[stop] in ".,;:!?)\"'"
    if free_before and free_after:
        return start, stop
    while start < stop and not _is_letter(text[start]):
        start += 1
    while start < stop and not _is_letter(text[stop - 1]):
        stop -= 1
    return start, stop


def _is_space(char: str) -> bool:
    return char.isspace() and char != "\x1f"  # shown as a picture, which is no space


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNM"
