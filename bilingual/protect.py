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

from bilingual.document import Edit, Span

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
_SENTENCE_END = re.compile(r"[.!?…][»”\")\]]*$")
_MARK = re.compile(r"[,;:–—]$")
_TAGS = re.compile(r"^(?:</?[a-z]+> *)+")  # of an annotated term
_SMALL_WORD = re.compile(r"[a-zà-öø-ÿ]+(?![\w])")
_OPENING_WORD = re.compile(
    r"(?:The|A|An|It|Its|In|On|At|Of|To|For|And|But|Which|Who|With|This|These|That|They|Their|He|She|His|Her|We|You|There|Where|When|As"
    r"|By|From|Not|If|Since|While|Because|After|Before)\b"
)


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


def restore(
    hypotheses: Sequence[str], parts: Sequence[Masked], *, lenient: bool = False
) -> tuple[str, list[Edit], list[Span]] | None:
    """Put the copied text back around and into the translations of a segment's `parts`; None where a span came back lost or doubled.

    A placeholder that the model made up is a reason for None too, unless `lenient`: then it is taken out.

    Gives the text, the edits that lead to it from the hypotheses joined by a space (law 2 of the house), and where the protected
    text stands in it.

    >>> restore(["See <r0> now"], [Masked("Voir <r0> vite", (("<r0>", "www.a.fr"),), before="🚀 ")])[0]
    '🚀 See www.a.fr now'
    """
    places: list[list[tuple[int, str, str]]] = []
    for hypothesis, part in zip(hypotheses, parts, strict=True):
        found = _once_each(hypothesis, part.spans)
        if found is None or (not lenient and _stray(hypothesis, part)):
            return None
        places.append(found)
    text = " ".join(hypotheses)
    edits: list[Edit] = []
    fixed: list[Span] = []

    def change(start: int, end: int, after: str, protected: Span | None, method: str = "copy") -> None:
        nonlocal text
        if text[start:end] != after:
            edits.append(Edit((start, end), text[start:end], after, method))
            text = text[:start] + after + text[end:]
        if protected:
            fixed.append((start + protected[0], start + protected[1]))

    position = 0
    for number, (hypothesis, part) in enumerate(zip(hypotheses, parts, strict=True)):
        if number:  # the joining space gives way to the white space and the copies that stood between the parts
            between = parts[number - 1].after + part.before or " "
            if (mark := _end_between(parts[number - 1].text, text[:position], between)) is not None:
                at = position - text[:position].endswith(".")
                change(at, position, mark, None, "seam")
                position = at + len(mark)
            change(position, position + 1, between, _core(between))
            position += len(between)
            if _goes_on(parts[number - 1].text, between, part.text) and _OPENING_WORD.match(hypothesis):
                change(position, position + 1, hypothesis[0].lower(), None, "seam")
            elif _begins(parts[number - 1].text, part.text) and _SMALL_WORD.match(hypothesis):
                change(position, position + 1, hypothesis[0].upper(), None, "seam")
        elif part.before:
            change(0, 0, part.before, _core(part.before))
            position = len(part.before)
        for at, placeholder, original in places[number]:
            change(position + at, position + at + len(placeholder), original, (0, len(original)))
            position += len(original) - len(placeholder)
        position += len(hypothesis)
    if parts and parts[-1].after:
        change(position, position, parts[-1].after, _core(parts[-1].after))
    if lenient and "<" in text:
        for match in reversed(list(_MADE_UP.finditer(text))):
            if not any(a < match.end() and match.start() < b for a, b in fixed):
                edits.append(Edit(match.span(), match.group(), "", "copy"))
                text = text[: match.start()] + text[match.end() :]
                shift = match.end() - match.start()
                fixed = [(a - shift, b - shift) if a >= match.end() else (a, b) for a, b in fixed]
    return text, edits, fixed


def _once_each(hypothesis: str, spans: Sequence[tuple[str, str]]) -> list[tuple[int, str, str]] | None:
    """Where each placeholder stands in `hypothesis`, in order, with what it stands for; None where one does not stand there just once.

    A stock model's placeholders are the texts themselves, and one may be part of another: the longest are found first.
    """
    found = []
    for placeholder, original in sorted(spans, key=lambda span: -len(span[0])):
        if hypothesis.count(placeholder) != 1:
            return None
        at = hypothesis.index(placeholder)
        hypothesis = hypothesis[:at] + "\0" * len(placeholder) + hypothesis[at + len(placeholder) :]
        found.append((at, placeholder, original))
    return sorted(found)


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


def _end_between(source: str, target: str, between: str) -> str | None:
    """What `target`, the English of the first part of a sentence, has to end with instead of a full stop, or none; None: as it does.

    A model ends what it writes like a sentence. The mark of `source` stands there, or nothing where something copied follows.

    >>> _end_between("Il neige ;", "It snows.", " "), _end_between("Il neige.", "It snows.", " "), _end_between("Il dit :", "He says", " ")
    (';', None, ':')
    """
    if not source or not target or _SENTENCE_END.search(source):
        return None
    mark = _MARK.search(source)
    wanted = mark[0] if mark and mark[0] in ",;:" else ""
    if mark and source[: mark.start()].rstrip().endswith("."):  # an abbreviation's own
        wanted = "." + wanted
    if target.endswith(".") and not target.endswith(".."):
        return wanted
    return wanted if wanted[-1:] in (";", ":") and target[-1].isalnum() and not between.strip() else None


def _begins(source: str, following: str) -> bool:
    """Whether a sentence begins, with a capital, where `source` is over."""
    return bool(_SENTENCE_END.search(source)) and _TAGS.sub("", following)[:1].isupper()


def _goes_on(source: str, between: str, following: str) -> bool:
    """Whether the part `following` goes on with the sentence that `source` began, in small letters."""
    return bool(source) and not _SENTENCE_END.search(source) and not between.strip() and following[:1].islower()


def _core(text: str) -> Span | None:
    stripped = text.strip()
    return (text.index(stripped), text.index(stripped) + len(stripped)) if stripped else None


_PLACEHOLDER = re.compile(r"<(?:r\d{1,2}|term|as|/term)>")
_MADE_UP = re.compile(r" ?<(?:r\d{1,2}|term|as|/term)>")


def _stray(hypothesis: str, part: Masked) -> bool:
    if "<" not in hypothesis:
        return False
    own = {placeholder for placeholder, _ in part.spans}
    return any(m.group() not in own for m in _PLACEHOLDER.finditer(hypothesis))
