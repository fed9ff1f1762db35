"""Spans that must come through letter by letter: found, masked before translation, put back after it.

URLs, e-mail addresses, @handles, #hashtags, code, markup, emoji and whatever the model's vocabulary cannot spell. A model that
declares placeholders gets one in place of each span; at the edges of a sentence a URL or an emoji does not go to the model at
all. A span that does not come back exactly once is the caller's to handle: `cut_around` translates the text between the spans
alone, which cannot fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from bilingual.document import Span

Kind = Literal["url", "email", "handle", "hashtag", "code", "symbol", "name", "term"]


@dataclass(frozen=True, slots=True)
class ProtectedSpan:
    """A stretch of the source and the text that must stand letter by letter in the target in its place.

    ``text`` is the source's own, except for a term, whose English it is. A span that is ``shown`` is no placeholder's business: the
    model gets that text in its place, and nothing is put back.
    """

    span: Span
    kind: Kind
    text: str
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Masked:
    """A stretch of a segment as the model gets it.

    ``text``: what is to be translated, placeholders in it; "" where there is nothing to translate. ``spans``: placeholder and what it
    stands for, in order. ``before`` and ``after``: what is copied around the translation, with its white space.
    """

    text: str
    spans: tuple[tuple[str, str], ...] = ()
    before: str = ""
    after: str = ""


# Every alternative starts with something rare and runs over one class of characters: linear time.
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "code",
        re.compile(
            r"`[^`\n]{1,200}`|\$(?=[^$\n]{0,200}[\\^_={}])[^\s$][^$\n]{0,200}(?<!\s)\$(?!\w)|</?[A-Za-z][^<>\n]{0,200}>|<!--[^<>\n]{0,200}-->|\$?\{[\w.:-]{1,60}\}|%\(\w{1,40}\)[sd]"
        ),
    ),
    ("url", re.compile(r"(?:https?|ftp)://[^\s<>\"«»“”]+|(?<![\w.@])www\.[^\s<>\"«»“”]+")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")),
    ("handle", re.compile(r"(?<![\w@/.])@\w{1,50}")),
    ("hashtag", re.compile(r"(?<![\w#&/])#(?=\w*[^\W\d_])\w{1,80}")),
    (
        "url",
        re.compile(
            r"(?<![\w.@/-])(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.){1,4}"
            r"(?:com|org|net|fr|eu|io|ai|uk|be|ch|ca|gouv|info|dev|tv|co)(?![\w-]|\.\w)(?:/[^\s<>\"«»“”]*)?"
        ),
    ),
)
# A quick look that spares ordinary sentences the patterns; characters that the vocabulary lacks are looked for apart.
_SUSPECT = re.compile(r"[`<{@#%\\^_=]|://|www\.|\.(?:com|org|net|fr|eu|io|ai|uk|be|ch|ca|gouv|info|dev|tv|co)\b")
_TRAILING = ".,;:!?…)]}'’\"»”*_"
_OPENING = "«“\"(['’-–—"
_JOINERS = "\u200d\ufe0e\ufe0f"
_INVISIBLE = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SPELLED = {
    "Œ": "Oe",
    "Æ": "Ae",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "\u2011": "-",
    "ʼ": "’",
    "′": "'",
    "‐": "-",
    "−": "-",
    "‚": ",",
    "„": "“",
    "‟": "“",
}
_SPELLED_PATTERN = re.compile("[" + "".join(_SPELLED) + "]")


def find_protected(text: str, can_read: Callable[[str], bool]) -> list[ProtectedSpan]:
    """The spans of `text` that must come through letter by letter, in order, disjoint.

    `can_read` says whether the model's vocabulary has a character; those that it has not, and the word around one that is a
    letter, are protected as ``symbol``.

    >>> [s.text for s in find_protected("Voir https://example.org/a. Merci @ana, bravo #IA 🚀", lambda c: c != "🚀")]
    ['https://example.org/a', '@ana', '#IA', '🚀']
    """
    found: list[ProtectedSpan] = []
    taken: list[Span] = []
    if _SUSPECT.search(text):
        for kind, pattern in _PATTERNS:
            for match in pattern.finditer(text):
                start, end = match.span()
                if kind in ("url", "email"):
                    end = _without_trailing(text, start, end)
                if end > start and not any(a < end and start < b for a, b in taken):
                    taken.append((start, end))
                    found.append(ProtectedSpan((start, end), kind, text[start:end]))
    found += _symbols(text, can_read, taken)
    found.sort(key=lambda s: s.span)
    return found


def _without_trailing(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in _TRAILING:
        if text[end - 1] == ")" and text.count("(", start, end) >= text.count(")", start, end):
            break
        end -= 1
    return end


def _symbols(text: str, can_read: Callable[[str], bool], taken: Sequence[Span]) -> list[ProtectedSpan]:
    unread = {c for c in set(text) if not can_read(c) and not c.isspace() and c not in _SPELLED and not _INVISIBLE.match(c)}
    if not unread:
        return []
    inside = [False] * (len(text) + 1)
    for start, end in taken:
        inside[start:end] = [True] * (end - start)
    found: list[ProtectedSpan] = []
    position = 0
    while position < len(text):
        if text[position] not in unread or inside[position]:
            position += 1
            continue
        start, end = position, position + 1
        if text[position].isalpha():  # a letter drags its word along: half a name is no name
            while start > 0 and (text[start - 1].isalnum()) and not inside[start - 1]:
                start -= 1
            while end < len(text) and text[end].isalnum() and not inside[end]:
                end += 1
        else:
            while (
                end < len(text) and (text[end] in unread or text[end] in _JOINERS) and not text[end].isalpha() and not inside[end]
            ):
                end += 1
        if found and found[-1].span[1] > start:
            start = found[-1].span[1]
        found.append(ProtectedSpan((start, end), "symbol", text[start:end]))
        position = end
    return found


def readable(text: str) -> str:
    """`text` as the model gets it: no control, zero-width or bidirectional characters, and letters that have a plain spelling in it.

    >>> readable("L\u2019\u0152uvre\u200b")
    'L’Oeuvre'
    """
    if text.isascii() and text.isprintable():
        return text
    plain = _INVISIBLE.sub("", text)
    return _SPELLED_PATTERN.sub(lambda m: _SPELLED[m.group()], plain)


def mask(text: str, spans: Sequence[ProtectedSpan], placeholders: Sequence[str]) -> Masked | None:
    """`text` with its spans taken out at the edges and masked inside; None where there are more spans than placeholders.

    Without `placeholders` the spans inside stay as they are: a stock model often copies them, and `restore` checks that it did.

    >>> mask("🚀 Voir www.a.fr vite", [ProtectedSpan((0, 1), "symbol", "🚀"), ProtectedSpan((7, 15), "url", "www.a.fr")], ["<r0>"])
    Masked(text='Voir <r0> vite', spans=(('<r0>', 'www.a.fr'),), before='🚀 ', after='')
    """
    if not spans:
        plain = readable(text).strip()
        return Masked(plain) if any(c.isalpha() for c in plain) else Masked("", before=text)
    start, end, inner = _edges(text, spans)
    if placeholders and sum(span.shown is None for span in inner) > len(placeholders):
        return None
    pieces, masked, position, free = [], [], start, iter(placeholders)
    for span in inner:
        pieces.append(readable(text[position : span.span[0]]))
        if span.shown is None:
            placeholder = next(free) if placeholders else span.text
            masked.append((placeholder, span.text))
            pieces.append(placeholder)
        else:
            pieces.append(span.shown)
        position = span.span[1]
    body = "".join([*pieces, readable(text[position:end])])
    if not any(c.isalpha() for c in re.sub("|".join(re.escape(p) for p, _ in masked) or "(?!)", "", body)):
        return Masked("", before=text)
    return Masked(body.strip(), tuple(masked), text[:start], text[end:])


def locate(text: str, spans: Sequence[ProtectedSpan], placeholders: Sequence[str], wanted: Span) -> Span | None:
    """Where `wanted` of `text` stands in what `mask` makes of it; None where it is masked or lies outside.

    >>> address = ProtectedSpan((5, 13), "url", "www.a.fr")
    >>> locate("Voir www.a.fr vite", [address], ["<r0>"], (14, 18))
    (10, 14)
    """
    start, end, inner = _edges(text, spans)
    position, length, free = start, 0, iter(placeholders)
    stretches = [*((s.span[0], s.span[1], s) for s in inner), (end, end, None)]
    lead = len(readable(text[start:end])) - len(readable(text[start:end]).lstrip())
    for stop, after, span in stretches:
        if position <= wanted[0] and wanted[1] <= stop:
            begin = length + len(readable(text[position : wanted[0]])) - lead
            return begin, begin + len(readable(text[slice(*wanted)]))
        length += len(readable(text[position:stop]))
        if span is not None and span.shown is not None and span.span[0] <= wanted[0] and wanted[1] <= span.span[1]:
            begin = span.shown.find(text[slice(*wanted)])
            return (length + begin - lead, length + begin - lead + wanted[1] - wanted[0]) if begin >= 0 else None
        if span is not None:
            length += len(span.shown) if span.shown is not None else len(next(free) if placeholders else span.text)
            position = after
    return None


def cut_around(text: str, spans: Sequence[ProtectedSpan]) -> list[Masked]:
    """`text` in stretches between its spans, each translated alone and the spans copied: the way that always works.

    >>> [(m.before, m.text, m.after) for m in cut_around("Voir www.a.fr vite.", [ProtectedSpan((5, 13), "url", "www.a.fr")])]
    [('', 'Voir', ' '), ('www.a.fr ', 'vite.', '')]
    """
    found, position, before = [], 0, ""
    for span in [*spans, None]:
        end = span.span[0] if span else len(text)
        between = text[position:end]
        if any(c.isalpha() for c in between):
            body = between.rstrip()
            at = next(i for i, c in enumerate(body) if c.isalnum() or c in _OPENING)
            body = body[at:]
            found.append(Masked(readable(body), before=before + between[:at], after=between[at + len(body) :]))
            before = ""
        else:
            before += between
        if span:
            before += span.text
            position = span.span[1]
    if before:
        if not found:
            return [Masked("", before=before)]
        last = found[-1]
        found[-1] = Masked(last.text, last.spans, last.before, last.after + before)
    return found


def _edges(text: str, spans: Sequence[ProtectedSpan]) -> tuple[int, int, list[ProtectedSpan]]:
    """Start and end of what the model gets, and the spans inside it. Handles and hashtags may be words of the sentence: those stay
    inside at the front, and at the end unless the sentence is over before them."""
    inner, start, end = list(spans), 0, len(text)
    while inner and inner[0].kind in ("url", "email", "symbol", "code") and not text[start : inner[0].span[0]].strip():
        if inner[0].kind == "symbol" and text[inner[0].span[1] : inner[0].span[1] + 1].isalnum():
            break
        if inner[0].kind == "symbol" and inner[0].text.isalpha():
            break
        start = inner.pop(0).span[1]
        while start < len(text) and text[start].isspace():
            start += 1
    run, after = len(inner), end
    while run and not text[inner[run - 1].span[1] : after].strip(" \t\n\u00a0\u202f."):
        run -= 1
        after = inner[run].span[0]
    for index in range(run, len(inner)):
        if _loose(inner[index], text[start : inner[index].span[0]].rstrip()):
            end = start + len(text[start : inner[index].span[0]].rstrip())
            del inner[index:]
            break
    return start, end, inner


def _loose(span: ProtectedSpan, ahead: str) -> bool:
    """Whether a span at the end of a sentence stands apart from it, given the text before it."""
    if span.kind in ("name", "term"):
        return False
    if span.kind in ("handle", "hashtag", "code"):
        return ahead[-1:] in tuple('.!?…:»”"')
    if span.kind in ("url", "email"):
        return not _governed(ahead)
    return not span.text.isalpha()


def _governed(ahead: str) -> bool:
    # « sur www.a.fr »: the address belongs to a preposition; cut off, the preposition would dangle.
    word = re.search(r"([^\W\d_]+)$", ahead)
    return bool(word) and word is not None and word.group().lower() in _PREPOSITIONS


_PREPOSITIONS = frozenset("sur à de du des au aux par chez dans vers via avec et ou le la les l est".split())


def places_of(part: Masked) -> list[int]:
    """Where the placeholders of `part` begin in its text.

    >>> places_of(Masked("Voir <r0> et <r1>", (("<r0>", "@ana"), ("<r1>", "@bob"))))
    [5, 13]
    """
    places, position = [], 0
    for placeholder, _ in part.spans:
        at = part.text.find(placeholder, position)
        places.append(at)
        position = max(position, at + len(placeholder))
    return places
