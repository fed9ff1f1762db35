"""Which terms of a French sentence an English one renders, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from unicodedata import normalize

from bilingual.document import Span
from bilingual.glossary.assignment import Option, assign
from bilingual.glossary.hits import Hit, is_verb, number_forms
from bilingual.glossary.model import Case, Term
from bilingual.glossary.number import Number
from bilingual.glossary.tokens import Tokens, tokenize
from bilingual.inflection import capitalize, english_verb_forms, fold, is_brand_like

_FUNCTION_WORDS = frozenset(
    "is are am was were be been being has have had do does did will would can could may might must shall should to of in on at by for "
    "from with without and or but nor that which who whom whose as than then when while if because since until into over under "
    "between through during after before about against not also only still already now never always the a an this these it they he "
    "she we you there".split()
)


HeldCase = Case | Literal["proper"]
"""How capitals are held; ``proper``: words that the glossary gives a capital keep it."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """Where an English sentence renders a hit.

    ``target`` is the allowed target that it is a form of; ``preferred`` tells whether that is the one that the glossary prefers here;
    ``number_agrees`` is False only where the French is known to be singular and the English is plural, or the other way round.
    """

    span: Span
    text: str
    target: str
    preferred: bool = True
    number_agrees: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling in which a hit may be rendered: ``rank`` is the place of its target among those allowed, 0 for the preferred."""

    text: str
    target: str
    number: Number
    rank: int


def accepted_forms(hit: Hit) -> tuple[Form, ...]:
    """Every form that renders a hit, the wanted one first: the targets in their order, each in the fitting number before the other.

    >>> from bilingual.glossary.model import Term
    >>> hit = Hit(Term("puce", "chip"), (0, 5), "puces", "plural", ("chip", "microchip"))
    >>> [form.text for form in accepted_forms(hit)]
    ['chips', 'chip', 'microchips', 'microchip']
    """
    forms: list[Form] = []
    for rank, target in enumerate(hit.targets):
        if is_verb(hit.term, target):
            base = target.removeprefix("to ")
            spelled = [base, *sorted(english_verb_forms(base) - {base})]
            forms += [Form(form, target, "invariant", rank) for form in spelled]
            continue
        singular, plural = number_forms(hit, target)
        if singular == plural:
            forms.append(Form(target, target, "invariant", rank))
            continue
        both = [Form(singular, target, "singular", rank), Form(plural, target, "plural", rank)]
        first_is_plural = hit.number == "plural" or (hit.number == "invariant" and plural == target)
        forms += both[::-1] if first_is_plural else both
    if hit.term.case == "upper":
        forms = [Form(form.text.upper(), form.target, form.number, form.rank) for form in forms]
    return tuple(dict.fromkeys(forms))


@lru_cache(maxsize=65536)
def _pattern(form: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], str, str]:
    tokens = tokenize(form)
    if not tokens.words:
        return (), (), (), "", ""
    prefix, suffix = form[: tokens.spans[0][0]].strip(), form[tokens.spans[-1][1] :].strip()
    return tuple(fold(word) for word in tokens.words), tokens.words, tokens.gaps[:-1], prefix, suffix


@dataclass(frozen=True, slots=True)
class _English:
    """An English sentence, cut into words once for all the terms that are looked for."""

    tokens: Tokens
    keys: tuple[str, ...]
    at: dict[str, list[int]]


@lru_cache(maxsize=4096)
def _read(target: str) -> _English:
    tokens = tokenize(target)
    keys = tuple(fold(word) for word in tokens.words)
    at: dict[str, list[int]] = {}
    for i, key in enumerate(keys):
        at.setdefault(key, []).append(i)
    return _English(tokens, keys, at)


def find_form(form: str, target: str, case: HeldCase = "match", exact: bool = False) -> tuple[Span, ...]:
    """Where a form stands in an English sentence as words of its own; hyphen and space count alike unless `exact`.

    Capitals: brands and acronyms keep their own; with ``as is`` all do, but for the first letter of the sentence; others are free.

    >>> find_form("data center", "Data-center operators and a data center."), find_form("AI", "I said ai, not AI.")
    (((0, 11), (28, 39)), ((15, 17),))
    """
    return tuple(span for span, _ in _find(form, _read(target), case, exact))


def _find(form: str, english: _English, case: HeldCase, exact: bool) -> list[tuple[Span, int]]:
    keys, words, gaps, prefix, suffix = _pattern(form)
    found: list[tuple[Span, int]] = []
    if not keys:
        return found
    tokens, size = english.tokens, len(keys)
    text = tokens.text
    for first in english.at.get(keys[0], ()):
        last = first + size - 1
        words_here = tokens.words[first : last + 1]
        if english.keys[first : last + 1] != keys or not _same_accents(words, words_here):
            continue
        if not _same_gaps(gaps, tokens.gaps[first:last], exact):
            continue
        start, end = tokens.spans[first][0], tokens.spans[last][1]
        if not (text[:start].endswith(prefix) and text.startswith(suffix, end)) or _is_part_of_a_name(tokens, first, last):
            continue
        starts_sentence = first == 0 or any(c in ".!?:\n" for c in tokens.gaps[first - 1])
        if _same_capitals(words, tokens.words[first : last + 1], case, exact, starts_sentence, text):
            found.append(((start - len(prefix), end + len(suffix)), last))
    return found


def _same_accents(listed: tuple[str, ...], found: tuple[str, ...]) -> bool:
    """Keys know no accents, but a façade is no facade, and a résumé is not to resume."""
    return all(
        a.isascii() == b.isascii() and (a.isascii() or normalize("NFC", a).casefold() == normalize("NFC", b).casefold())
        for a, b in zip(listed, found, strict=True)
    )


def _same_gaps(listed: tuple[str, ...], found: tuple[str, ...], exact: bool) -> bool:
    if listed == found:
        return True
    free = () if exact else (" ", "-")
    return all(
        a == b or (a in free and b in free) or (a not in " -'" and a.strip() == b.strip())
        for a, b in zip(listed, found, strict=True)
    )


def _is_part_of_a_name(tokens: Tokens, first: int, last: int) -> bool:
    chains = tokens.chains
    around = (chains[first - 1] if first else -1, *chains[last + 1 : last + 2])
    start = tokens.spans[first][0]
    return any(chains[at] >= 0 and chains[at] in around for at in (first, last)) or (start > 0 and tokens.text[start - 1] in "@#")


def _same_capitals(listed: tuple[str, ...], found: tuple[str, ...], case: HeldCase, exact: bool, starts: bool, text: str) -> bool:
    if listed == found:
        return True
    if exact:
        return False
    for i, (want, have) in enumerate(zip(listed, found, strict=True)):
        fixed = case in ("as is", "upper") or is_brand_like(want) or (case == "proper" and want[:1].isupper())
        raised = i == 0 and starts and case == "as is" and have == capitalize(want)
        if fixed and have != want and not raised and not (have == want.upper() and text.isupper()):
            return False
    return True


def find_renderings(hits: Sequence[Hit], target: str, taken: Sequence[Span] = ()) -> tuple[Rendering | None, ...]:
    """For each hit, in order, where `target` renders it, or None.

    Allowed are the targets of the hit in singular and plural, any capitals (brands and acronyms keep theirs), hyphen or space; what
    is not to be translated only as it is spelled in the French. No two renderings overlap: n hits need n of them, and as many hits
    are served as can be; then number, the preferred words and order decide. `taken`: spans of `target` that render nothing.
    """
    if not hits:
        return ()
    english = _read(target)
    options: list[list[Option]] = []
    chosen: list[dict[Span, tuple[Form, bool]]] = []
    alike: dict[tuple[Term, Number, tuple[str, ...], bool], dict[Span, tuple[Form, bool]]] = {}
    for hit in hits:
        key = (hit.term, hit.number, hit.targets, hit.complement)
        spans = alike.get(key)
        if spans is None:
            spans = alike[key] = _candidates(hit, english, taken)
        chosen.append(spans)
        options.append([Option(span, agrees, form.rank) for span, (form, agrees) in spans.items()])
    result: list[Rendering | None] = []
    for option, spans in zip(assign(options), chosen, strict=True):
        if option is None:
            result.append(None)
            continue
        form, agrees = spans[option.span]
        text = target[option.span[0] : option.span[1]]
        result.append(Rendering(option.span, text, form.target, form.rank == 0, agrees))
    return tuple(result)


def _candidates(hit: Hit, english: _English, taken: Sequence[Span]) -> dict[Span, tuple[Form, bool]]:
    spans: dict[Span, tuple[Form, bool]] = {}
    exact = hit.term.status == "do-not-translate"
    for form in accepted_forms(hit):
        for span, last in _find(form.text, english, hit.case, exact):
            if any(start < span[1] and span[0] < end for start, end in taken):
                continue
            spans.setdefault(span, (form, _number_agrees(hit, form, english, last)))
    return spans


def _number_agrees(hit: Hit, form: Form, english: _English, last: int) -> bool:
    if hit.number in ("unknown", "invariant") or form.number in (hit.number, "invariant"):
        return True
    if hit.number == "singular":
        return False
    # A plural that English turns into a modifier is singular there: fabricant de puces, chip maker.
    gap = english.tokens.gaps[last]
    following = english.keys[last + 1] if last + 1 < len(english.keys) else ""
    return gap == "-" or (hit.complement and gap == " " and following not in _FUNCTION_WORDS)
