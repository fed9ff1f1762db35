"""Which sentences would not stand alone in a summary, and why.

By the surface only, without a grammar: openings (« Il … », « Cependant, … »), quotation marks, questions, kinds of block. What it does
not see: a definite noun that takes up something said before (« le chantier »). It is careful rather than sharp: an article has
sentences enough that stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bilingual.document import Segment
from bilingual.numerals import Language
from bilingual.summary.words import lists

LEANS, NAMELESS, GOES_ON, QUESTION, QUOTATION, ANNOUNCES, READER, FRAGMENT, FOREIGN = (
    "leans on the sentence before it",
    "its pronoun names nobody",
    "goes on from the sentence before it",
    "question",
    "part of a quotation",
    "announces what follows",
    "speaks to the reader",
    "fragment",
    "not in French",
)
SECOND = frozenset({"quote", "tweet", "list-item", "other"})
LAST = frozenset({"caption", "byline", "share", "source"})
"""Kinds of block whose sentences are taken after those of paragraphs, and after everything else."""
NEVER = frozenset({"title", "heading"})
"""Kinds that are no sentences of the text: the headline stands beside the summary."""

_OPENING = re.compile(r"^[\s«“”\"'‘’(\[–—*•·>-]+")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_SHORTEST = 4
"""Words; below that « À suivre. » and the like."""
_BEFORE_SUBJECT = re.compile(r"^(?P<intro>[^,;:]{3,90}),\s(?:il|elle|ils|elles)\b(?!\s(?:faut|faudra|existe|s'agit|y\sa))")
_POINTING_INTRO = re.compile(
    r"^(?:à|pour|avec|dans|sur|selon|de|après|avant|depuis|malgré|sans|en|chez|sous|contre|face à|outre|d'après)\s"
    r"(?:sa|son|ses|leur|leurs|lui|elle|eux|cela|ce|cet|cette|ces)\s(?P<noun>[^\W\d_]+)"
)
_OPEN, _CLOSE, _EITHER = "«“„", "»”", '"'


def plain(text: str) -> str:
    """Lower case, straight apostrophes, single spaces, nothing before the first word: what openings are looked up in."""
    return _OPENING.sub("", _SPACES.sub(" ", text.replace("’", "'")).strip()).lower()


def why_not(segment: Segment, language: Language = "fr") -> tuple[str, ...]:
    """The reasons why a sentence would not stand alone, its neighbours aside (see `quoted` for what runs over several).

    >>> why_not(Segment("p1.s2", "Il coûtera deux milliards.")), why_not(Segment("p1.s2", "Il faut deux milliards pour ce chantier."))
    (('leans on the sentence before it',), ())
    """
    known, text = lists(language), plain(segment.source)
    reasons = []
    if not known.only_looks.match(text):
        if _leans(text, segment.source, language):
            reasons.append(LEANS)
        elif language == "fr" and _nameless(text, segment.source):
            reasons.append(NAMELESS)
        if known.connective.match(text):
            reasons.append(GOES_ON)
    if known.reader.match(text) or (len(_LETTERS.findall(text)) < 12 and re.search(r"https?://|www\.", text)):
        reasons.append(READER)
    bare = text.rstrip(" »”\"')")
    if bare.endswith("?"):
        reasons.append(QUESTION)
    elif bare.endswith(":"):
        reasons.append(ANNOUNCES)
    if len(_LETTERS.findall(text)) < _SHORTEST:
        reasons.append(FRAGMENT)
    if language == "fr" and _foreign(text):
        reasons.append(FOREIGN)
    return tuple(reasons)


def _leans(text: str, source: str, language: Language) -> bool:
    known = lists(language)
    if (opening := known.leaning.match(text)) and not known.impersonal.match(text):
        after = _LETTERS.findall(text[opening.end() : opening.end() + 40])
        return not (opening[0] in ("ce", "cet", "cette", "ces", "this", "these") and after and after[0] in known.deictic)
    intro = _POINTING_INTRO.match(text) if language == "fr" else None
    return intro is not None and intro["noun"] not in known.deictic


def _nameless(text: str, source: str) -> bool:
    """« Devant des investisseurs réunis en mai, il a détaillé … »: nobody is named before the pronoun."""
    subject = _BEFORE_SUBJECT.match(text)
    return subject is not None and not re.search(r"\W[A-ZÀ-Ý]", _OPENING.sub("", source)[: len(subject["intro"])])


def _foreign(text: str) -> bool:
    """Whether a sentence is English rather than French: more English function words than French ones, three at least."""
    words = _LETTERS.findall(text)
    english = sum(word in _ONLY_ENGLISH for word in words)
    return english >= 3 and english > sum(word in _ONLY_FRENCH for word in words)


_ONLY_ENGLISH = frozenset("the of and to in is that was are with from by this have has it they which were been its will".split())
_ONLY_FRENCH = frozenset("le la les des du et est une un dans pour que qui au aux par sur pas ce se sont il elle avec ne".split())


def leans_inside(text: str, language: Language = "fr") -> bool:
    """Whether the first clause holds a connective: « Le bus ne remplace pourtant pas … », « Les pêcheurs, eux, … ».

    >>> leans_inside("Rien n’est signé pour autant."), leans_inside("Rien n’est signé.")
    (True, False)
    """
    start = plain(text)[:70]
    return bool(re.search(r", (?:lui|eux|elle|elles),", start) or re.search(rf"(?<!\w){lists(language).contrast.pattern}", start))


def voice(text: str, language: Language = "fr") -> bool:
    """Whether the writer or the reader is spoken of (« je », « vous »), outside quotations."""
    spoken = lists(language).voice
    return any(word in spoken for word in _LETTERS.findall(re.sub(r"[«“][^»”]*[»”]", " ", plain(text))))


def quoted(segments: Sequence[Segment]) -> list[bool]:
    """For each sentence of a block, whether it is part of a quotation without its speaker, or of one that runs over several sentences.

    >>> texts = ("« Tout va bien.", "Rien ne presse », dit-il.", "Le « plan » attend.")
    >>> quoted([Segment("p1.s1", text) for text in texts])
    [True, True, False]
    """
    depth, found = 0, []
    for segment in segments:
        before, text = depth, segment.source
        for char in text:
            if char in _OPEN:
                depth += 1
            elif char in _CLOSE:
                depth = max(0, depth - 1)
            elif char == _EITHER:
                depth = 0 if depth else 1
        bare = text.strip().rstrip(".!?… ")
        whole = bool(bare) and bare[0] in _OPEN + _EITHER and bare[-1] in _CLOSE + _EITHER and not _several(bare)
        found.append(before > 0 or depth > 0 or whole)
    return found


def _several(text: str) -> bool:
    """Whether marks close before the end: « Oui », dit-il, « c’est fait »."""
    return any(char in _CLOSE for char in text[1:-1]) or text[1:-1].count(_EITHER) > 1


def tier(segment: Segment, reasons: Sequence[str]) -> int:
    """0 for sentences that stand, 1 for those that are taken when these run out, 2 for those that are taken last."""
    if segment.block in LAST or READER in reasons:
        return 2
    return 1 if reasons or segment.block in SECOND else 0
