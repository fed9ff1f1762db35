"""Quotation marks and apostrophes of a translation from French, after the habits of its source.

The source decides: « » and “ ” ask for “ ” (and ‘ ’ inside them where the source has quotes inside quotes), straight quotes stay
straight. A sentence may hold one half of a pair only, where a quotation runs over several.
"""

from __future__ import annotations

import re
from typing import Literal

from bilingual.rewriting import Rewriting

Apostrophe = Literal["’", "'"]

_SPACES = " \t\u00a0\u202f\u2009"
_OPEN, _CLOSE = "«“„", "»”"
_ANY = re.compile('["«»“”„]')
_CURLY = re.compile("[«»“”„]")


def quote_forms(work: Rewriting, source: str) -> None:
    """Give the target the kind of quotation marks that `source` asks for; put dropped ones back where there is no doubt.

    >>> work = Rewriting('The "gigafactory" is " big ", he said.')
    >>> quote_forms(work, "La « gigafactory » est « grande », a-t-il dit.")
    >>> work.text
    'The “gigafactory” is “big”, he said.'
    """
    curly = _CURLY.search(source) is not None
    if not curly and '"' not in source:
        if _CURLY.search(work.text):
            _guillemets(work)
        return
    if curly:
        _single_to_double(work, source)
    if _ANY.search(work.text):
        _pair(work, nested=curly and _depth(source) > 1, curly=curly)
    elif not _SINGLE.search(work.text):
        _put_back(work, source, ("“", "”") if curly else ('"', '"'))


def _guillemets(work: Rewriting) -> None:
    # none in the source, but they are no English marks
    work.sub(re.compile(f"[«„][{_SPACES}]*"), "“", "quotes")
    work.sub(re.compile(f"[{_SPACES}]*»"), "”", "quotes")


def _depth(text: str) -> int:
    """How deep the quotation marks of `text` are nested.

    >>> _depth("« a “b” c »"), _depth("« a » et « b »"), _depth('« a "b" c »')
    (2, 1, 2)
    """
    depth = deepest = 0
    straight = False
    for match in _ANY.finditer(text):
        mark = match.group()
        opening = mark in _OPEN or (mark == '"' and not straight)
        straight = (not straight) if mark == '"' else straight
        depth = depth + 1 if opening else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


# A quotation in single marks: an apostrophe inside a word may stand in it.
_INSIDE = "(?:[^'‘’\"“”«»]|(?<=\\w)['’](?=\\w))"
_SINGLE = re.compile(f"(?<!\\w)(?P<o>['‘][{_SPACES}]?)(?=\\S){_INSIDE}{{1,300}}?(?P<c>[{_SPACES}]?['’])(?!\\w)")
_LONE_OPEN = re.compile(f"\\A['‘][{_SPACES}]?(?=\\w)")
_LONE_CLOSE = re.compile(f"(?<=[\\w.!?…,])[{_SPACES}]?['’](?=[.!?…]?\\Z)")


def _single_to_double(work: Rewriting, source: str) -> None:
    """'Dawn' → “Dawn”, where the source has « Aurore » and the target no double marks at all."""
    if _ANY.search(work.text) or not any(mark in work.text for mark in "'‘’"):
        return
    opening, closing = sum(source.count(c) for c in _OPEN), sum(source.count(c) for c in _CLOSE)
    pairs = list(_SINGLE.finditer(work.text))
    if pairs and len(pairs) <= min(opening, closing):
        for match in reversed(pairs):
            work.replace(*match.span("c"), "”", "quotes")
            work.replace(*match.span("o"), "“", "quotes")
    elif opening > closing and (lone := _LONE_OPEN.search(work.text)):
        work.replace(*lone.span(), "“", "quotes")
    elif closing > opening and (lone := _LONE_CLOSE.search(work.text)):
        work.replace(*lone.span(), "”", "quotes")


def _roles(text: str) -> list[tuple[int, str]]:
    """Each quotation mark of `text` with its role: "(" opening, ")" closing, "" where its place does not tell."""
    found, depth = [], 0
    for match in _ANY.finditer(text):
        at, mark = match.start(), match.group()
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if mark in _OPEN:
            role = "("
        elif mark in _CLOSE:
            role = ")"
        else:
            free_before = not before or before in _SPACES + "([—–/-“‘«"
            free_after = not after or after in _SPACES + ".,;:!?)]…”’»"
            if after == '"' or before == '"':  # two in a row: both open, or both close
                free_before, free_after = (
                    free_before or (before == '"' and not free_after),
                    free_after or (after == '"' and not free_before),
                )
            if free_before and free_after:
                role = ")" if depth else "(" if after else ""
            elif free_before:
                role = "("
            elif free_after and not (before.isdigit() and not depth):  # 27" is a measure
                role = ")"
            else:
                role = ""
        depth = depth + 1 if role == "(" else max(0, depth - 1) if role == ")" else depth
        found.append((at, role))
    return found


def _pair(work: Rewriting, nested: bool, curly: bool) -> None:
    """Write every mark whose role is plain in the asked form, and close up the spaces inside."""
    roles = _roles(work.text)
    balance = sum({"(": 1, ")": -1, "": 0}[role] for _, role in roles)
    nested = nested and abs(balance) <= 1
    depths, depth = [], 0
    for _, role in roles:
        depth += role == "("
        depths.append(max(depth, 1))
        depth = max(0, depth - (role == ")"))
    for (at, role), level in reversed(list(zip(roles, depths, strict=True))):
        if not role:
            continue
        inner = nested and level % 2 == 0
        mark = ("“‘" if role == "(" else "”’")[inner] if curly else '"'
        start, end = at, at + 1
        if role == "(":
            while end < len(work.text) and work.text[end] in _SPACES:
                end += 1
        else:
            while start and work.text[start - 1] in _SPACES:
                start -= 1
        if (role == "(" and end == len(work.text)) or (role == ")" and not start):
            start, end = at, at + 1
        if not work.replace(start, end, mark, "quotes"):
            work.replace(at, at + 1, mark, "quotes")


_QUOTED = re.compile(f'«[{_SPACES}]*([^«»“”„"]{{2,80}}?)[{_SPACES}]*»|[“„]([^«»“”„"]{{2,80}})”|"([^«»“”„"]{{2,80}})"')


def _put_back(work: Rewriting, source: str, marks: tuple[str, str]) -> None:
    """« Dojo » → “Dojo” where the model dropped the marks, the words are the same in both and stand once in both."""
    for match in _QUOTED.finditer(source):
        words = match[1] or match[2] or match[3]
        if source.count(words) != 1 or work.text.count(words) != 1:
            continue
        start = work.text.index(words)
        end = start + len(words)
        if work.text[start - 1 : start].isalnum() or work.text[end : end + 1].isalnum() or not words[0].isalnum():
            continue
        if all(not (a < start < b or a < end < b) for a, b in work.fixed):
            work.replace(end, end, marks[1], "quotes")
            work.replace(start, start, marks[0], "quotes")


# --------------------------------------------------------------------------------------------------------- apostrophes

_IN_WORD = re.compile(r"(?<=[^\W\d_])['’](?=[^\W\d_])")
_ENGLISH_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’](?=[^\W\d_])|(?<=s)['’](?= [^\W\d_])|(?<= )['’](?=\d0s\b)")


def apostrophe_of(text: str) -> Apostrophe | None:
    """The apostrophe that a French text uses; None where it has none. « » and “ ” without any apostrophe speak for ’.

    >>> apostrophe_of("L’IA d’ici"), apostrophe_of("L'IA"), apostrophe_of("Le mot « puce »"), apostrophe_of("Bonjour.")
    ('’', "'", '’', None)
    """
    inside = _IN_WORD.findall(text)
    if inside:
        return "’" if 2 * inside.count("’") >= len(inside) else "'"
    return "’" if _CURLY.search(text) else None


def apostrophe_forms(work: Rewriting, apostrophe: Apostrophe) -> None:
    """Write the apostrophes of contractions and possessives as `apostrophe`.

    >>> work = Rewriting("Musk's machine isn't the GPUs' only home.")
    >>> apostrophe_forms(work, "’")
    >>> work.text
    'Musk’s machine isn’t the GPUs’ only home.'
    """
    if ("'" if apostrophe == "’" else "’") in work.text:
        quoted = [match.span() for match in _SINGLE.finditer(work.text)] if apostrophe == "’" else []
        closing = {end - 1 for _, end in quoted}

        def form(match: re.Match[str]) -> str | None:
            return None if match.start() in closing else apostrophe

        work.sub(_ENGLISH_APOSTROPHE, form, "apostrophe")
