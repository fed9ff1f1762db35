"""What is wrong, doubtful or surprising in a glossary, before it costs a translation."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from bilingual.glossary.context import parse_context
from bilingual.glossary.hits import all_places, compile_matcher
from bilingual.glossary.model import Glossary, Term, is_acronym, same_source_key
from bilingual.glossary.tables import AMAZON_BYTES, DEEPL_BYTES
from bilingual.glossary.tokens import tokenize
from bilingual.inflection import IGNORABLE, fold, french_key

GOOGLE_WORDS = 5
"""Google's documentation expects entries shorter than this."""

POS = frozenset(("", "noun", "verb", "adjective", "adverb", "proper noun", "acronym", "phrase", "other"))

Severity = Literal["error", "warning", "note"]

_ARTICLES = {"fr": frozenset("le la les l un une des".split()), "en": frozenset(("the", "a", "an"))}
_FRENCH_WORDS = frozenset(  # words that capitals in a headline turn into what looks like an acronym
    "ai an as au aux bac bas but ca car ce ces cet cle cap de des dit du elle en est et etc eu eux fin ici il ils jeu la le les leur lui "
    "ma mal me mer mes mis moi mon ne ni nom nos nous on ont or ou par pas peu plus pour pres pris que qui roi sa sans se ses si six "
    "soi sol son sous sur ta tel tes toi ton tot tout tres tu un une vie vos vous vu y".split()
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: ``error`` breaks something, ``warning`` probably does, ``note`` is worth knowing.

    ``kind`` is a word for filters: duplicate, conflict, case-only, nested, straddling, short, article, characters, nfc, spelling,
    limit, context or pos. ``line`` is where the row stands, 0 when it has none.
    """

    line: int
    severity: Severity
    kind: str
    message: str


def lint(glossary: Glossary, can_spell: Callable[[str], bool] | None = None) -> list[Finding]:
    """All findings, by line. `can_spell` tells whether the model can produce a text; without it that is not asked.

    >>> found = lint(Glossary((Term("puce", "chip", line=2), Term("Puce", "flea", line=3))))
    >>> [(f.line, f.kind) for f in found]
    [(3, 'case-only'), (3, 'conflict')]
    """
    found = [
        *_rows_against_rows(glossary),
        *_inside_each_other(glossary),
        *_straddling(glossary),
        *(finding for term in glossary.terms for finding in _one_row(term, can_spell)),
    ]
    return sorted(dict.fromkeys(found), key=lambda f: (f.line, f.kind, f.message))


def _rows_against_rows(glossary: Glossary) -> Iterator[Finding]:
    first: dict[str, tuple[Term, str]] = {}
    forbidden: dict[tuple[str, str], Term] = {}
    for term in glossary.terms:
        if term.status == "forbidden":
            for source in term.sources:
                for target in term.targets:
                    other = forbidden.setdefault((same_source_key(source), fold(target)), term)
                    if other is not term:
                        yield _pair(term, other, "warning", "duplicate", f"'{target}' is forbidden for '{source}' twice")
    for term in glossary.terms:
        if term.status == "forbidden":
            continue
        for source in term.sources:
            key = same_source_key(source)
            for target in term.targets:
                if (key, fold(target)) in forbidden:
                    yield _pair(term, forbidden[key, fold(target)], "error", "conflict", f"'{target}' is allowed and forbidden")
            other, spelled = first.setdefault(key, (term, source))
            if other is term:
                if spelled != source and spelled.casefold() == source.casefold():
                    yield Finding(
                        term.line, "warning", "case-only", f"'{spelled}' and '{source}' differ by capitals alone; keep one"
                    )
                continue
            if spelled != source and spelled.casefold() == source.casefold():
                yield _pair(term, other, "warning", "case-only", f"'{source}' and '{spelled}' differ by capitals alone")
            if (other.target, other.status) == (term.target, term.status):
                yield _pair(term, other, "warning", "duplicate", f"'{source}' → '{term.target}' stands twice")
            elif not (term.unless or other.unless):
                yield _pair(term, other, "error", "conflict", f"'{source}' is '{term.target}' and '{other.target}'")
            else:
                yield _pair(
                    term, other, "note", "conflict", f"'{source}' is '{term.target}' or '{other.target}', as the context tells"
                )


def _pair(term: Term, other: Term, severity: Severity, kind: str, what: str) -> Finding:
    return Finding(term.line, severity, kind, f"{what} (line {other.line})" if other.line else what)


def _inside_each_other(glossary: Glossary) -> Iterator[Finding]:
    matcher = compile_matcher(Glossary(tuple(replace(t, unless=None) for t in glossary.terms if t.status != "forbidden")))
    for term in matcher.glossary.terms:
        for source in term.sources:
            for inner, (start, end) in all_places(matcher, source):
                if end - start < len(source) and fold(inner.target) not in fold(term.target):
                    what = f"'{source}' → '{term.target}' holds '{inner.source}' → '{inner.target}'; where both stand, the longer is taken"
                    yield _pair(term, inner, "note", "nested", what)


def _straddling(glossary: Glossary) -> Iterator[Finding]:
    """Rows that may end where others begin (agent d'IA, IA générative): one finding a row."""
    kept = [term for term in glossary.terms if term.status != "forbidden"]
    keys = {source: tuple(french_key(word) for word in tokenize(source).words) for term in kept for source in term.sources}
    heads: dict[tuple[str, ...], dict[str, int]] = {}
    for n, term in enumerate(kept):
        for source in term.sources:
            for size in range(1, len(keys[source])):
                heads.setdefault(keys[source][:size], {})[source] = n
    for n, term in enumerate(kept):
        tails = {keys[source][-size:] for source in term.sources for size in range(1, len(keys[source]))}
        others = sorted({source for tail in tails for source, row in heads.get(tail, {}).items() if row != n})
        if others:
            named = ", ".join(f"'{source}'" for source in others[:3]) + (
                f" and {len(others) - 3} more" if len(others) > 3 else ""
            )
            what = f"'{term.source}' may end where {named} begins; of two that overlap the one with more letters is taken"
            yield Finding(term.line, "note", "straddling", what)


def _one_row(term: Term, can_spell: Callable[[str], bool] | None) -> Iterator[Finding]:
    def finding(severity: Severity, kind: str, message: str) -> Finding:
        return Finding(term.line, severity, kind, message)

    cells = [*term.sources, *term.targets, term.plural, term.unless or "", term.note]
    for cell in cells:
        if strange := sorted({c for c in cell if unicodedata.category(c) in ("Cc", "Cf", "Co", "Zl", "Zp") or c in IGNORABLE}):
            codes = ", ".join(f"U+{ord(c):04X}" for c in strange)
            yield finding("error", "characters", f"'{cell}' has characters that cannot be seen ({codes}); remove them")
        if "\u00a0" in cell or "\u202f" in cell or "  " in cell:
            yield finding("note", "characters", f"'{cell}' has no-break or double spaces; write single plain ones")
        if unicodedata.normalize("NFC", cell) != cell:
            yield finding(
                "warning", "nfc", f"'{cell}' is not in NFC: its accents are characters of their own; normalize the file"
            )
    for source in term.sources:
        yield from _short(term, source)
        words = tokenize(source).words
        if not words:
            yield finding("error", "characters", f"'{source}' has no word and can never be found")
        elif len(words) > 1 and fold(words[0]) in _ARTICLES["fr"] and term.pos != "proper noun":
            yield finding("warning", "article", f"'{source}' starts with an article and is only found with it; leave it out")
        yield from _limits(term, source)
    if term.target.split(" ")[0].lower() in _ARTICLES["en"] and " " in term.target and term.pos != "proper noun":
        yield finding("warning", "article", f"'{term.target}' starts with an article; leave it out, the sentence brings its own")
    if can_spell and term.status != "forbidden":
        for target in (*term.targets, term.plural):
            if target and not can_spell(target):
                yield finding("error", "spelling", f"the model cannot spell '{target}'; change it or give a variant that it can")
    if term.unless:
        try:
            parse_context(term.unless)
        except ValueError as error:
            yield finding("error", "context", str(error))
    if term.pos not in POS:
        yield finding(
            "warning",
            "pos",
            f"part of speech '{term.pos}' is not known and taken for a noun; use {', '.join(sorted(POS - {''}))}",
        )


def _short(term: Term, source: str) -> Iterator[Finding]:
    if is_acronym(source) and fold(source) in _FRENCH_WORDS:
        what = f"'{source}' is also a French word in capitals and will be found in headlines; add a context or drop it"
        yield Finding(term.line, "warning", "short", what)
    elif not source.isupper() and (len(source) <= 2 or fold(source) in _FRENCH_WORDS) and term.status != "do-not-translate":
        what = f"'{source}' is short and found wherever it is a word; say with unless where it does not hold"
        yield Finding(term.line, "warning", "short", what)
    elif len(source) <= 2:
        what = f"'{source}' is short: here it is only found as a word in capitals, other tools may find it inside words"
        yield Finding(term.line, "note", "short", what)


def _limits(term: Term, source: str) -> Iterator[Finding]:
    size = max(len(source.encode()), len(term.target.encode()))
    for service, limit in (("DeepL", DEEPL_BYTES), ("Amazon", AMAZON_BYTES)):
        if size > limit:
            yield Finding(term.line, "note", "limit", f"'{source[:40]}' has {size} bytes, {service} takes {limit}")
    if max(len(source.split()), len(term.target.split())) >= GOOGLE_WORDS:
        yield Finding(term.line, "note", "limit", f"'{source[:40]}' has {GOOGLE_WORDS} words or more, Google expects fewer")
