"""Where the paragraphs of a plain text begin and end.

Articles come as one paragraph a line (with or without blank lines between) or hard-wrapped at some column with blank lines between.
Which of the two is read off the text itself: a hard-wrapped text breaks its lines in the middle of sentences, and each broken line is so
full that the first word of the next would not have fitted in. What is found is a list of `Piece`: a paragraph without its white space
and without the marker of a list item, quotation or heading in front of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from bilingual.reading.encodings import WHITE

WIDEST_WRAP = 132
"""Lines longer than this were not wrapped by hand or by an editor."""

NARROWEST_WRAP = 40
"""Lines shorter than this are verse, lists or addresses, not wrapped prose."""

_LINE = re.compile(r"[^\r\n]+|\r\n?|\n")
_MARKER = re.compile(
    r"""(?P<heading>\#{1,6})[ \t]+
      | (?P<quote>>(?:\s?>)*)(?:\s+|(?=["«“\w]))
      | (?P<bullet>[•◦‣▪▫■●○∙⁃✓✔➔➜➤▶►])\ufe0f?\s*
      | (?P<star>\*)\s+
      | (?P<plus>\+)\s+
      | (?P<dash>[-–—])\s+
      | (?P<number>\d{1,3}[.)]|[A-Za-z]\))\s+
    """,
    re.VERBOSE,
)
_RULE = re.compile(r"[-–—_=~*#+|/>•·⁂●■◆\s]+")
_TERMINAL = re.compile(r"[.!?…:;][\s»”\"')\]]*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph to be: ``text`` stands at ``(start, end)``; ``outer`` is where its marker begins (``start`` where there is none).

    ``marker`` is the name of a group of the marker pattern, ``rule``, ``caption`` (of forms with structure alone), or "" ; ``sign``
    the marker as written; ``gap`` tells whether a blank line, or the beginning of the text, comes before it.
    """

    start: int
    end: int
    text: str
    marker: str = ""
    sign: str = ""
    outer: int = 0
    gap: bool = True


@dataclass(slots=True)
class _Line:
    start: int  # of the text without white space
    end: int
    text: str
    indent: int
    gap: bool
    marker: str = ""
    sign: str = ""
    width: int = 0  # of the marker and the white space after it


def pieces(text: str) -> list[Piece]:
    r"""The paragraphs of `text` in order.

    >>> [(p.marker, p.text) for p in pieces("Deux choses :\n- lire,\n- écrire.\n")]
    [('', 'Deux choses :'), ('dash', 'lire,'), ('dash', 'écrire.')]
    """
    lines = _lines(text)
    width = wrap_width([(line.text, line.gap, line.marker) for line in lines])
    done: list[Piece] = []
    first = last = None
    for line in lines:
        if first is not None and last is not None and _belongs(first, last, line, width):
            last = line
            continue
        if first is not None and last is not None:
            done.append(_piece(text, first, last))
        first = last = line
    if first is not None and last is not None:
        done.append(_piece(text, first, last))
    return done


def _piece(text: str, first: _Line, last: _Line) -> Piece:
    start = first.start + first.width
    return Piece(start, last.end, text[start : last.end], first.marker, first.sign, first.start, first.gap)


def _lines(text: str) -> list[_Line]:
    """The lines that hold something. Only LF, CR LF and CR end a line."""
    found: list[_Line] = []
    blanks = 0
    for match in _LINE.finditer(text):
        raw = match.group()
        if raw[0] in "\r\n":
            blanks += 1
            continue
        left = raw.lstrip(WHITE)
        body = left.rstrip(WHITE)
        if not body:
            continue
        indent = len(raw) - len(left)
        start = match.start() + indent
        line = _Line(start, start + len(body), body, indent, gap=not found or blanks > 1)
        blanks = 0
        found.append(line)
        _mark(line)
    return found


def _mark(line: _Line) -> None:
    """Say on `line` what marker it begins with. A sign before a number is part of the number."""
    if _RULE.fullmatch(line.text):
        line.marker = "rule"
    elif match := _MARKER.match(line.text):
        kind = match.lastgroup or ""
        rest = line.text[match.end() :].lstrip(WHITE)
        if rest and kind != "plus" and not (kind == "quote" and rest[0].isdigit()):
            line.marker, line.sign, line.width = kind, match[kind], len(line.text) - len(rest)


def wrap_width(lines: list[tuple[str, bool, str]]) -> int:
    """The column that prose was wrapped at, 0 where it was not. A line is its text, whether a gap is before it, and its marker.

    >>> wrap_width([("Le conseil a voté hier soir le budget de", True, ""), ("la commune pour l’an prochain.", False, "")])
    40
    >>> wrap_width([("Une ville, trois visages", True, ""), ("Le maire a tranché.", False, "")])
    0
    """
    candidates, broken = 0, []
    for (text, _, marker), (after, gap, after_marker) in pairwise(lines):
        if gap or marker == "rule" or after_marker or max(len(text), len(after)) > WIDEST_WRAP:
            continue
        candidates += 1
        if _runs_on(text, after):
            broken.append((len(text), len(text) + 1 + len(_first_word(after))))
    if not broken or len(broken) < 0.3 * candidates:
        return 0
    lengths = sorted(length for length, _ in broken)
    width = lengths[-1] if len(lengths) < 10 else lengths[int(0.9 * len(lengths))]
    full = sum(needed > width for _, needed in broken)
    return width if width >= NARROWEST_WRAP and full >= 0.5 * len(broken) else 0


def _first_word(text: str) -> str:
    """Up to the first space that a line may be broken at: no-break spaces hold numbers and punctuation together."""
    return text[:200].partition(" ")[0]


def _runs_on(text: str, after: str) -> bool:
    """Whether a sentence goes on from the line `text` to the line `after`."""
    return (text[-1].isalnum() or text[-1] in ",-–—’'") and after[0].islower()


def _belongs(first: _Line, last: _Line, line: _Line, width: int) -> bool:
    """Whether `line` goes on with the piece from `first` to `last`."""
    if line.gap or "rule" in (first.marker, line.marker):
        return False
    if not width or line.marker in ("heading", "quote", "bullet") or first.marker == "heading":
        return False
    if len(line.text) > WIDEST_WRAP and " " in line.text[width:]:
        return False
    ended = _TERMINAL.search(last.text[-8:]) is not None
    full = len(last.text) + 1 + len(_first_word(line.text)) > width
    if line.marker:  # the dash of an aside, or a number that ends a sentence, may begin a wrapped line
        return full and not ended and first.marker != line.marker
    if full:
        return not (ended and line.indent > last.indent)
    return len(last.text) >= 0.6 * width and not ended and not line.text[0].isupper()
