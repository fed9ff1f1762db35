"""French and English sentences, with character offsets, by rules.

The splitter walks once over the text and stops wherever a sentence could end: a run of full stops, question or exclamation marks,
an emoji, a closing bracket, a line end before a list item. At each it asks what stands before (an abbreviation, an initial, a list
number), what is open (a bracket, a short quotation) and what follows (a lower-case word, a word that opens sentences, a number).
The words that it needs are data: ``data/abbreviations.json``.

What is a sentence here:

- a quotation of several sentences is cut inside; its closing mark and what names the speaker stay with the last of them. A short
  quotation inside a running sentence is not cut, nor is a bracket;
- emoji belong to the sentence before them (a pointing one to what it points at), the mark of a list item to the item;
- a line end is a space, unless a list item or a speech dash follows; a blank line always ends a sentence.

Splitting takes time linear in the length of the text. Splitting a sentence that came out gives that sentence again, unless a
bracket or quotation mark in it had its partner in another sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal

from bilingual.document import Block, BlockKind, Document, Segment, Span

Language = Literal["fr", "en"]

SPLITTER = "rules/1"
"""Name and version of the splitting rules, for the signature of an output. Raise it when a rule or the table changes."""

SHORT_QUOTE = 80
"""A quotation inside a running sentence is not cut when it is no longer than this, in code points."""

LONG_BRACKET = 400
"""A bracket longer than this is taken for two unrelated marks."""

CAREFUL: frozenset[BlockKind] = frozenset({"title", "heading", "byline", "source", "share"})
"""Blocks that are cut at clear sentence ends alone."""

WORD_WINDOW = 40
"""How far back an abbreviation is looked for, in code points: keeps a line without a space linear."""

# Emoji and other pictures; those of POINTER stand before what they are about.
POINTER = "👉👇🔗📌📍▶►➡➜➤→☞"
_EMOJI = f"(?![{POINTER}])[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff][\ufe0f\u200d\u20e3]*+"
_FACE = r"(?:[:;=]-?[)(DP]++|\^\^|<3)(?!\w)"
_SPACE = "[^\\S\n\r\x0b\x0c\x85\u2028\u2029]"
_NEWLINE = "(?:\r\n?+|[\n\x85\u2028\x0b])"

PARAGRAPH = re.compile(rf"(?:{_NEWLINE}{_SPACE}*+{_NEWLINE}|[\u2029\x0c])\s*+")
EVENT = re.compile(
    # ". . ." and "? !" are one run
    rf"(?P<stop>[.!?…‽]++(?:{_SPACE}{{1,2}}+(?:[!?…]++[.!?…]*+|\.++(?!\w)))*+)"
    rf"|(?P<emoji>(?:{_EMOJI})++|(?<=\s){_FACE})"
    rf"|(?P<line>{_NEWLINE}{_SPACE}*+)"
    r"|(?P<mark>[(\[)\]«»“”\"])"
)
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>«»“”\"]++")
SIGN = re.compile(rf"[@#$€£©®§¿¡{POINTER}]|(?:https?://|www\.)\S|[\w.+-]{{1,64}}@\w")
TAIL = re.compile(rf"(?:{_SPACE}*+(?:(?:{_EMOJI})++|{_FACE}))++")
LEAD = re.compile(r"[\s«“‘\"'’(\[{¿¡*_•▪◦‣·–—-]*+")
WORD = re.compile(r"[^\W\d_]++(?:-[^\W\d_]++)*+['’]?+")
CAMEL = re.compile(r"[a-z]{1,3}[A-Z]")
NUMERAL = re.compile(r"\d|[IVXLC]++(?![\w'’])|[A-Z]{1,2}[.-]?\s?\d")
ITEM = re.compile(r"(?:[-*•▪◦‣·–—→►✓✔✅]|\d{1,2}[.)°]|[a-zA-Z]\)|[ivx]{1,4}\))\s++(?=\S)")
ENUMERATOR = re.compile(r"\d{1,3}|[IVX]{1,5}|[A-Za-z]")
INITIALS = re.compile(r"[A-ZÀ-ÖØ-Þ]|(?![a-z]\.[a-z]{2}$)[^\W\d_](?:[.-]{1,2}[^\W\d_]{1,2})++")
CURTAILED = re.compile(r"[B-DF-HJ-NP-TV-XZ][bcdfghjklmnpqrstvwxzç]{1,3}")
FOOTNOTE = re.compile(r"\[\d{1,3}\]|[¹²³⁰⁴-⁹]++")
BEFORE = re.compile(r".*[\s()\[\]{}«»“”\"'’/|,;:!?…]", re.S)
ALPHANUMERIC = re.compile(r"[^\W_]")
ERA = re.compile(r"\b(?:av|apr?|avant|après)\.?\s?J\.?-?C\.$")
PAIRED = re.compile(r"(?<![:;=])(?<![:;=]-)[()]|[\[\]«»“”\"]")
CLOSING = {")": "(", "]": "[", "»": "«", "”": "“"}


@dataclass(frozen=True, slots=True)
class Rules:
    """The word lists of one language; what each list means stands in the data file."""

    never: frozenset[str]
    number: frozenset[str]
    open: frozenset[str]
    ends: frozenset[str]
    starters: frozenset[str]
    articles: frozenset[str]
    names: frozenset[str]
    speech: re.Pattern[str]
    careful: bool = False


@cache
def _rules(language: Language) -> Rules:
    table = json.loads(resources.files("bilingual").joinpath("data/abbreviations.json").read_text("utf-8"))[language]
    never, number, open_, ends, starters, articles, names = (
        frozenset(table[name]) for name in ("never", "number", "open", "ends", "starters", "articles", "names")
    )
    verbs = "|".join(table["speech"])
    speech = re.compile(rf"(?:[A-Z][\w.’'-]{{0,30}}\s){{1,4}}(?:{verbs})\b" if verbs else "(?!)")
    return Rules(never, number, open_, ends, starters, articles, names, speech)


def split_sentences(text: str, language: Language = "fr") -> list[Span]:
    """Spans of the sentences of `text`: ascending, disjoint, without outer white space, together covering all that is not space.

    >>> text = "M. Roy doute. « Où va-t-on ? » demande-t-il. Nul ne sait…"
    >>> [text[start:end] for start, end in split_sentences(text)]
    ['M. Roy doute.', '« Où va-t-on ? » demande-t-il.', 'Nul ne sait…']
    """
    return list(_split(text, _rules(language)))


def split_document(document: Document, language: Language = "fr") -> Document:
    """The same document with the segments of every block filled in, in place of those it had.

    A ``line`` is one segment, empty where the line is; titles, headings, bylines, sources and share bars are cut at clear sentence
    ends alone (no ellipsis, no missing space, no doubtful abbreviation). Raises `ValueError` when the text of a block is not what
    stands at its span of the document's text.

    >>> text = "Un titre\\n\\nIl pleut. Il vente."
    >>> blocks = (Block(1, "title", "Un titre", (0, 8)), Block(2, "paragraph", text[10:], (10, 29)))
    >>> [(s.id, s.span, s.source) for s in split_document(Document("a.txt", blocks, text)).segments]
    [('p1.s1', (0, 8), 'Un titre'), ('p2.s1', (10, 19), 'Il pleut.'), ('p2.s2', (20, 29), 'Il vente.')]
    """
    blocks = []
    for block in document.blocks:
        if document.text and document.text[slice(*block.span)] != block.text:
            raise ValueError(f"{document.name}: the text of block {block.number} is not what stands at {block.span}")
        blocks.append(replace(block, segments=tuple(_segments(block, language))))
    return replace(document, blocks=tuple(blocks))


def _segments(block: Block, language: Language) -> Iterator[Segment]:
    if block.kind == "line":
        spans = [stripped(block.text, 0, len(block.text))]
    else:
        spans = list(_split(block.text, replace(_rules(language), careful=block.kind in CAREFUL)))
    for number, (start, end) in enumerate(spans, 1):
        span = block.span[0] + start, block.span[0] + end
        yield Segment(f"p{block.number}.s{number}", block.text[start:end], span, block.kind)


def _split(text: str, rules: Rules) -> Iterator[Span]:
    position = 0
    for gap in PARAGRAPH.finditer(text):
        yield from _paragraph(text, position, gap.start(), rules)
        position = gap.end()
    yield from _paragraph(text, position, len(text), rules)


def stripped(text: str, start: int, end: int) -> Span:
    """`start` and `end` moved inwards over white space."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _paragraph(text: str, begin: int, stop: int, rules: Rules) -> Iterator[Span]:
    """Spans of the sentences of ``text[begin:stop]``, which holds no blank line."""
    partners, opening = pairs_of(text, begin, stop)
    addresses = ADDRESS.finditer(text, begin, stop)
    address = next(addresses, None)
    brackets: list[Span] = []
    quotes: list[Span] = []
    start = begin
    lead, content = _beginning(text, start, stop)
    for event in EVENT.finditer(text, begin, stop):
        at, end = event.span()
        kind = event.lastgroup
        if kind == "mark" and at in partners:
            (brackets if text[at] in "([" else quotes).append((at, partners[at]))
            continue
        if at < content:
            continue
        while brackets and brackets[-1][1] < at:
            brackets.pop()
        while quotes and quotes[-1][1] < at:
            quotes.pop()
        while address and address.end() <= at:
            address = next(addresses, None)
        if address and address.start() <= at and end < address.end():
            continue
        if kind == "line":
            cut = at if _is_item(text, end, stop) else None
        elif kind == "mark":
            # A bracket of several words that is a sentence of its own, without a stop.
            alone = start > begin and brackets and brackets[-1][1] == at and start <= brackets[-1][0] < lead
            whole = alone and " " in text[lead:at] and _next(text, end, stop, rules)[0] in {"capital", "starter"}
            cut = end if whole else None
        else:
            closed = _closed(text, end, stop, opening) if kind == "stop" else end
            embedded = bool(brackets) and brackets[-1][0] >= lead
            if not embedded and quotes and closed <= quotes[-1][1]:
                opener, closer = quotes[-1]
                embedded = opener >= lead and closer - opener <= SHORT_QUOTE and ":" not in text[max(begin, opener - 2) : opener]
            cut = None if embedded else _cut(text, start, lead, event, closed, stop, rules)
        if cut is not None:
            yield stripped(text, start, cut)
            start = cut
            lead, content = _beginning(text, start, stop)
    start, end = stripped(text, start, stop)
    if start < end:
        yield start, end


def _beginning(text: str, start: int, stop: int) -> Span:
    """Where the opening marks of the sentence at `start` are over, and where its first letter or digit stands."""
    content = ALPHANUMERIC.search(text, start, stop)
    lead = LEAD.match(text, start, stop)
    assert lead is not None
    return lead.end(), content.start() if content else stop


def _cut(text: str, start: int, lead: int, event: re.Match[str], closed: int, stop: int, rules: Rules) -> int | None:
    """Where the sentence that began at `start` ends if it ends at `event`; None if it goes on.

    `lead` is the end of its opening marks, `closed` the end of the closing marks after the event.
    """
    at, run = event.start(), event.group()
    if event.lastgroup == "emoji":
        return closed if not rules.careful and _next(text, closed, stop, rules)[0] == "starter" else None
    tail = TAIL.match(text, closed, stop)
    end = tail.end() if tail else closed
    if end >= stop:
        return None
    follows, opening = _next(text, end, stop, rules)
    if follows in {"none", "lower"}:
        return None
    word = _word_before(text, start, at)
    strong = "!" in run or "?" in run
    if not text[end].isspace():
        ends = bool(tail) or (not rules.careful and _glued(text, word, end, stop, follows, run, closed > event.end()))
    elif strong:
        named = f"{word}!" in rules.names and run == "!" and follows != "starter"
        said = closed > event.end() and rules.speech.match(text, opening, stop)
        ends = follows != "aside" and not named and not said
    elif len(run) > 1 or run == "…":
        ends = follows not in {"aside", "digit"} and not rules.careful
    else:
        ends = _dot_ends(text, word, at, lead, follows, opening, stop, rules)
    return end if ends else None


def _dot_ends(text: str, word: str, at: int, lead: int, follows: str, opening: int, stop: int, rules: Rules) -> bool:
    """Whether the full stop at `at`, after `word` and before a space, ends a sentence."""

    def among(words: frozenset[str]) -> bool:
        return word in words or word[:1].lower() + word[1:] in words

    if not word:
        return True
    first = at - len(word) == lead
    before = text[max(0, at - len(word) - 2) : at - len(word)].strip()[-1:]
    if (first and ENUMERATOR.fullmatch(word)) or (before == ":" and word in {"1", "a", "A", "I"}):
        return False
    if among(rules.never) or (follows == "digit" and word.isdecimal() and len(word) <= 3):
        return False
    if (among(rules.number) or word.lower() in rules.number) and (follows == "aside" or NUMERAL.match(text, opening, stop)):
        return False
    if among(rules.ends) or ERA.search(text, max(0, at - 16), at + 1):
        return True
    shortened = (INITIALS.fullmatch(word) or CURTAILED.fullmatch(word)) and not (before.isdecimal() or before == "°")
    if among(rules.open) or shortened:
        return follows == "starter" and not first and not rules.careful
    return True


def _glued(text: str, word: str, end: int, stop: int, follows: str, run: str, quoted: bool) -> bool:
    """Whether a sentence ends though no space follows its stop: « fin.Début » but not « X.AI », « node.Js » or « Notes.PDF »."""
    after = WORD.match(text, end, stop)
    if not after or not text[end].isupper() or (after.end() < stop and text[after.end()] in "._/@\\([{=0123456789"):
        return False
    if not after.group().endswith(("'", "’")) and after.group().isupper() and len(after.group()) > 1:
        return False
    if run != "." or quoted:
        return True
    plain = word.replace("-", "")
    return (len(word) > 1 and plain.isalpha() and word.islower()) or (follows == "starter" and plain.replace(".", "").isalnum())


def _word_before(text: str, start: int, at: int) -> str:
    """The word that ends at `at`, with the stops and hyphens inside it."""
    window = text[max(start, at - WORD_WINDOW) : at]
    before = BEFORE.match(window)
    return (window[before.end() :] if before else window).lstrip("-–—*_")


def _next(text: str, position: int, stop: int, rules: Rules) -> tuple[str, int]:
    """What begins after `position`, opening marks and white space set aside, and where.

    ``starter`` a word that opens sentences, ``capital`` another word that could; ``digit``; ``other`` an address, a handle, a
    hashtag or a sign that could; ``aside`` a bracket with a lower-case word; ``lower`` any other lower-case word; ``none``.
    """
    lead = LEAD.match(text, position, stop)
    assert lead is not None
    at = lead.end()
    aside = "(" in lead.group() or "[" in lead.group()
    if at >= stop:
        return "none", at
    char = text[at]
    if char.isdecimal():
        return "digit", at
    if SIGN.match(text, at, stop) or (aside and char in ".…"):
        return "other", at
    word = WORD.match(text, at, stop)
    if not word:
        return "none", at
    if char.islower() and not CAMEL.match(text, at, stop):
        return "aside" if aside else "lower", at
    plain = word.group().lower().replace("'", "’")
    initial = len(plain) == 1 and text[word.end() : word.end() + 1] == "."
    if plain in rules.starters and not initial:
        return "starter", at
    if plain in rules.articles:
        follower = text[word.end() : word.end() + 2].lstrip()[:1]
        return "starter" if follower.islower() else "capital", at
    return "capital", at


def _is_item(text: str, position: int, stop: int) -> bool:
    """Whether a list item or the words of a speaker begin at `position`, the beginning of a line."""
    item = ITEM.match(text, position, stop)
    return item is not None and (text[position] not in "–—→" or not text[item.end()].islower())


def _closed(text: str, position: int, stop: int, opening: frozenset[int]) -> int:
    """The end of the closing marks after a stop: quotation marks, brackets, footnote signs, closing emphasis."""
    while position < stop:
        char, after = text[position], text[position + 1 : position + 2]
        if char in "»”)]}›*_" or (char in "'’" and not after.isalnum()) or (char == '"' and position not in opening):
            position += 1
        elif char.isspace() and after and (after in "»”›" or (after == '"' and position + 1 not in opening)):
            position += 2
        elif note := FOOTNOTE.match(text, position, stop):
            position = note.end()
        else:
            break
    return position


def pairs_of(text: str, begin: int, stop: int) -> tuple[dict[int, int], frozenset[int]]:
    """Matching brackets and quotation marks, opener to closer, and the straight quotation marks that open."""
    pairs: dict[int, int] = {}
    opening: set[int] = set()
    waiting: dict[str, list[int]] = {mark: [] for mark in CLOSING.values()}
    straight: int | None = None
    for found in PAIRED.finditer(text, begin, stop):
        at, mark = found.start(), found.group()
        if mark == '"':
            if begin < at < stop - 1 and text[at - 1].isalnum() and text[at + 1].isalnum():
                continue
            left = at > begin and not text[at - 1].isspace() and text[at - 1] not in "([{«“‘'’-–—"
            right = at + 1 < stop and (text[at + 1].isalnum() or text[at + 1] in "([{«“¿¡$€@#…")
            if (left == right and straight is None) or (right and not left):
                opening.add(at)
                straight = at
            elif straight is not None:
                pairs[straight], straight = at, None
        elif mark in waiting:
            waiting[mark].append(at)
        elif waiting[CLOSING[mark]]:
            opener = waiting[CLOSING[mark]].pop()
            if mark in "»”" or at - opener <= LONG_BRACKET:
                pairs[opener] = at
    return pairs, frozenset(opening)
