"""The parts of a sentence put together again: what was copied around them and in them, and the seams between them.

A model ends all that it writes like a sentence and begins it with a capital; where a part was a clause, neither stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bilingual.document import Edit, Span
from bilingual.protect import Masked

_SENTENCE_END = re.compile(r"[.!?…][»”\")\]]*$")
_MARK = re.compile(r"[,;:–—]$")
_TAGS = re.compile(r"^(?:</?[a-z]+> *)+")  # of an annotated term
_SMALL_WORD = re.compile(r"[a-zà-öø-ÿ]+(?![\w])")
_OPENING_WORD = re.compile(
    r"(?:The|A|An|It|Its|In|On|At|Of|To|For|And|But|Which|Who|With|This|These|That|They|Their|He|She|His|Her|We|You|There|Where|When|As"
    r"|By|From|Not|If|Since|While|Because|After|Before)\b"
)


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
