"""What must be right around a term that was put into a sentence: a or an before it, its number, no word glued to it or said twice."""

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


def name_edits(text: str, spans: Sequence[Span]) -> list[Edit]:
    """Edits that take "the" from names at `spans` that come with an article of their own (Le Monde); from the right.

    >>> from bilingual.document import replay
    >>> replay("The Le Monde wrote it.", name_edits("The Le Monde wrote it.", [(4, 12)]))
    'Le Monde wrote it.'
    """
    edits = []
    for start, end in sorted(spans, reverse=True):
        if (
            _FRENCH_ARTICLE.match(text, start, end)
            and text[:start].lower().endswith("the ")
            and not text[: start - 4][-1:].isalnum()
        ):
            edits.append(Edit((start - 4, start), text[start - 4 : start], "", "article"))
    return edits


_FRENCH_ARTICLE = re.compile(r"(?:L[ea]s? |L['’])")


def quote_edits(source: str, term: Span, text: str, span: Span) -> list[Edit]:
    """Edits that put the rendering at `span` in quotation marks where the French `term` stands alone in them and the English lost them.

    >>> from bilingual.document import replay
    >>> text = "the project of a compute gigafactory: a machine"
    >>> replay(text, quote_edits("le projet d'une « gigafactory de calcul » : une machine", (18, 39), text, (17, 36)))
    'the project of a “compute gigafactory”: a machine'
    """
    before, after = source[: term[0]].rstrip(" \u00a0\u202f"), source[term[1] :].lstrip(" \u00a0\u202f")
    marks = _QUOTES.get((before[-1:], after[:1]))
    if marks is None or any(mark in text for mark in _MARKS):
        return []
    start, end = span
    return [Edit((end, end), "", marks[1], "quotes"), Edit((start, start), "", marks[0], "quotes")]


_QUOTES = {("«", "»"): "“”", ("“", "”"): "“”", ('"', '"'): '""'}
_MARKS = '“”"«»'

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


def spelled_out(text: str, wanted: str, taken: Sequence[Span] = ()) -> Edit | None:
    """The edit that says in words what the first sign outside `taken` says: $3 billion, 3 billion dollars; None where there is none.

    >>> spelled_out("It cost $3.2 billion.", "dollars").after, spelled_out("20% more", "percent").after, spelled_out("It cost.", "euro")
    ('3.2 billion dollars', '20 percent', None)
    """
    sign = _SIGNS.get(wanted.lower().removesuffix("s"))
    if sign is None:
        return None
    pattern = _PERCENT if sign == "%" else re.compile(_MONEY.format(re.escape(sign)))
    for match in pattern.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            return Edit(match.span(), match.group(), f"{match.group(1)} {wanted}", "sign")
    return None


_SIGNS = {"dollar": "$", "euro": "€", "pound": "£", "percent": "%", "per cent": "%"}
_MONEY = r"{}(\d+(?:[.,]\d+)*(?: (?:hundred|thousand|million|billion|trillion))?)(?![\w-])"
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)*)[ \u00a0]?%")


def without_article(text: str, span: Span) -> Span:
    """`span` without the article that it begins with.

    >>> without_article("the chips", (0, 9))
    (4, 9)
    """
    start, end = span
    for article in ("the ", "a ", "an "):
        if text[start:end].lower().startswith(article):
            return start + len(article), end
    return span


def without_echo(text: str, span: Span, english: str) -> Span:
    """`span` widened over neighbours that `english` says already, so that putting it there says nothing twice.

    >>> without_echo("a data hub center", (7, 10), "data center")
    (2, 17)
    """
    start, end = span
    words = english.lower().split()
    lower = text.lower()
    for count in range(len(words) - 1, 0, -1):
        head = " ".join(words[:count]) + " "
        if lower[:start].endswith(head) and not lower[: start - len(head)][-1:].isalnum():
            start -= len(head)
            words = words[count:]
            break
    for count in range(len(words), 0, -1):
        tail = " " + " ".join(words[-count:])
        if lower.startswith(tail, end) and not lower[end + len(tail) :][:1].isalnum():
            end += len(tail)
            break
    return start, end


def whole_words(text: str, span: Span) -> Span | None:
    """`span` from the start of its first word to the end of its last; None where it holds no word (a mark, or the s of a possessive).

    >>> text = "the state's own chips"
    >>> whole_words(text, (5, 8)), whole_words(text, (9, 10)), whole_words(text, (10, 11)), whole_words(text, (11, 16))
    ((4, 9), None, None, (12, 15))
    """
    words = [m.span() for m in _PLAIN_WORD.finditer(text) if m.start() < span[1] and span[0] < m.end()]
    while words and text[words[0][0] - 1 : words[0][1]] in ("'s", "’s"):
        del words[0]
    return (words[0][0], words[-1][1]) if words else None


_PLAIN_WORD = re.compile(r"[^\W_]+(?:\.[^\W_]+)*")


def content_words(text: str) -> list[Span]:
    """Spans of the words of `text` that may stand for something: no words of grammar, no names, no numbers.

    >>> content_words("The city of Memphis will open it.")
    [(4, 8), (25, 29)]
    """
    return [m.span() for m in _WORD.finditer(text) if m.group().islower() and len(m.group()) > 2 and m.group() not in _GRAMMAR]


def only_grammar(text: str) -> bool:
    """Whether `text` holds nothing but words of grammar, which render no term.

    >>> only_grammar("of the"), only_grammar("the AI")
    (True, False)
    """
    return all(word.islower() and (len(word) < 3 or word in _GRAMMAR) for word in _WORD.findall(text))


def term_seams(text: str, spans: Sequence[Span]) -> list[Edit]:
    """Edits that part terms put in for placeholders at `spans` from letters that the model glued to them; from the right.

    A plural ending after a term that has one is dropped, everything else gets a space.

    >>> from bilingual.document import replay
    >>> replay("The chipss of dirtymoney.", term_seams("The chipss of dirtymoney.", [(4, 9), (19, 24)]))
    'The chips of dirty money.'
    """
    edits = []
    for start, end in sorted(spans, reverse=True):
        ending = _GLUED_PLURAL.match(text, end)
        if ending:
            edits.append(Edit(ending.span(), ending.group(), "", "seam"))
        elif text[end : end + 1].isalpha():
            edits.append(Edit((end, end), "", " ", "seam"))
        if start and text[start - 1].isalpha():
            edits.append(Edit((start, start), "", " ", "seam"))
    return edits


_GLUED_PLURAL = re.compile(r"(?:e?s)(?![^\W_])")
_GRAMMAR = frozenset(
    "the and but for nor not are was were been being has have had did does will would can could may might must shall should from with "
    "without into onto over under between among through during before after since until against about than because while when where "
    "which who whom whose what how why its his her their our your this that these those there here then now also even just only more "
    "most less least very too such other another same each every all any some both either neither own still already yet again ever "
    "never always often you she they him them one out off per via".split()
)


_SENTENCE_OVER = re.compile(r"[.!?…][»”\")\]]*\s+[«“\"(\[]*$")


def opens_sentence(before: str) -> bool:
    """Whether what comes behind `before` opens a sentence.

    >>> opens_sentence("“"), opens_sentence("He sleeps. "), opens_sentence("The ")
    (True, True, False)
    """
    return not any(map(str.isalnum, before)) or bool(_SENTENCE_OVER.search(before))


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
