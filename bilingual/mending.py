"""What must be right around a term that was put into a sentence: a or an before it, no word said twice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bilingual.document import Edit, Span
from bilingual.inflection import indefinite_article

_ARTICLE = re.compile(r"\b(a|an|A|An|AN)( |\u00a0)$")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MAY_DOUBLE = frozenset("that had her you very so no ha bye blah bora cha hip knock now there".split())


def agreement_edits(text: str, spans: Sequence[Span]) -> list[Edit]:
    """Edits that put a or an right before the words at `spans`, as they sound. In order of application, from the right.

    >>> [(e.before, e.after) for e in agreement_edits("He built an supercomputer.", [(12, 25)])]
    [('an', 'a')]
    """
    edits = []
    for start, end in sorted(spans, reverse=True):
        before = _ARTICLE.search(text[max(0, start - 4) : start])
        if not before:
            continue
        article = before.group(1)
        right = indefinite_article(text[start:end])
        if article.lower() != right:
            at = max(0, start - 4) + before.start(1)
            new = right.capitalize() if article[0].isupper() else right
            edits.append(Edit((at, at + len(article)), article, new, "article"))
    return edits


_CODE = re.compile(r" (?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{2,12}(?![\w-])")
_FOLLOWS = re.compile(
    r"\s*(?:[.,;:!?)\]”\"…—–]|$|(?:is|are|was|were|will|would|can|could|may|must|have|has|had|that|which|who|and|or|but|of|in|on|at|by"
    r"|for|from|to|with|as|than)\b)"
)


def number_edits(text: str, span: Span, wanted: str) -> list[Edit]:
    """Edits that put the term at `span` into the number of `wanted`, where what follows shows that it is no modifier.

    A code name after it, as French has it, goes before it, as English has it.

    >>> [(e.before, e.after) for e in number_edits("some 85,000 GPU H100 of Nvidia", (12, 15), "GPUs")]
    [('GPU H100', 'H100 GPUs')]
    >>> number_edits("the GPU clusters", (4, 7), "GPUs")
    []
    """
    start, end = span
    code = _CODE.match(text, end)
    if code:
        return [Edit((start, code.end()), text[start : code.end()], f"{code.group()[1:]} {wanted}", "number")]
    if _FOLLOWS.match(text, end) and not _ARTICLE.search(text[max(0, start - 4) : start]):
        return [Edit(span, text[start:end], wanted, "number")]
    return []


def doubled_words(text: str) -> list[Span]:
    """Spans of words that stand twice in a row, for words that English does not double on purpose.

    >>> doubled_words("the data center center is is ready, I know that that works")
    [(9, 22), (23, 28)]
    """
    found = []
    previous: re.Match[str] | None = None
    for match in _WORD.finditer(text):
        if (
            previous is not None
            and text[previous.end() : match.start()] == " "
            and previous.group().lower() == match.group().lower()
            and match.group().lower() not in _MAY_DOUBLE
        ):
            found.append((previous.start(), match.end()))
        previous = match
    return found
