"""Words and marks spelled in Markdown, so that they read as what they are: escaped as little as will do, and read back to see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bilingual.document import Place
from bilingual.forms.markdown import read_inline, read_markdown
from bilingual.forms.rewrite import Bit, Speller

_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"«»“”`|]+")
_SIGNS = re.compile(r"\\(?=[!-/:-@\[-`{-~])|[*`\[\]]|<(?=[A-Za-z/!?])|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w{1,32};)|~(?=~)|(?<=~)~")
_ALL = re.compile(r"[!-/:-@\[-`{-~]")
_LEADING = re.compile(r"(?:#{1,6}(?=\s|$)|>|[-+](?=\s|$)|=+\s*$|-{2,}\s*$|~~~)")
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_TAGS = {"emphasis": "em", "strong": "strong", "strike": "del"}
_STARS = {"emphasis": "*", "strong": "**", "strike": "~~"}


def markdown_speller(text: str) -> Speller:
    """How blocks of the Markdown `text` are spelled; its reference definitions decide what is a link."""
    env = read_markdown(text)[1] if re.search(r"^[ >]{0,9}\[[^\]]+\]:", text, re.MULTILINE) else {}

    def spell(bits: Sequence[Bit], place: Place) -> str:
        # From the fewest signs to those that cannot be misread: a closing ** after a bracket closes nothing, </strong> does.
        made = ""
        for every, delimiters in (
            (False, "own"),
            (True, "own"),
            (False, "stars"),
            (True, "stars"),
            (False, "tags"),
            (True, "tags"),
        ):
            pieces = [(bit, _spelled(bit, i, bits, every, delimiters, place.style)) for i, bit in enumerate(bits)]
            made = "".join(piece for _, piece in pieces)
            if _reads_well(pieces, bits, env, place.style):
                break
        return made

    return spell


def _spelled(bit: Bit, at: int, bits: Sequence[Bit], every: bool, delimiters: str, style: str) -> str:
    if bit.what == "text":
        before = bits[at - 1] if at else None
        fresh = before is None or (
            before.what == "gap" and before.raw[-1:] in ("\n", "\r", " ", "\t", ">") and _breaks(before.raw)
        )
        last = at + 1 == len(bits)
        return escape(bit.text, fresh=fresh, every=every, cell=style == "cell", last=last, title=style == "inner")
    if bit.what in ("open", "close") and bit.mark is not None and bit.mark.kind in _TAGS:
        if delimiters == "stars":
            return _STARS[bit.mark.kind]
        if delimiters == "tags":
            return f"<{'/' if bit.what == 'close' else ''}{_TAGS[bit.mark.kind]}>"
    return bit.raw


def _breaks(raw: str) -> bool:
    return "\n" in raw or "\r" in raw


def escape(
    text: str, *, fresh: bool = False, every: bool = False, cell: bool = False, last: bool = False, title: bool = False
) -> str:
    r"""`text` as Markdown that reads as it. `fresh`: it begins a line; `every`: every sign; `cell`: in a table; `title`: between quotes.

    >>> escape("2 * 3 < 4_000 [sic]"), escape("1. Oui", fresh=True), escape("a|b", cell=True)
    ('2 \\* 3 < 4_000 \\[sic\\]', '1\\. Oui', 'a\\|b')
    """
    text = re.sub(r"\s*[\r\n]+\s*", " ", text)
    done, position = [], 0
    for address in [*_ADDRESS.finditer(text), None]:
        stretch = text[position : address.start() if address else len(text)]
        done.append((_ALL if every else _SIGNS).sub(lambda match: "\\" + match.group(), stretch))
        if address:
            done.append(address.group())
            position = address.end()
    text = "".join(done)
    if cell and not every:
        text = text.replace("|", "\\|")
    if title and not every:
        text = re.sub(r"(?<!\\)([\"()])", r"\\\1", text)
    if fresh and not every:
        text = _NUMBERED.sub(r"\1\\\2", text, count=1) if _NUMBERED.match(text) else text
        text = "\\" + text if _LEADING.match(text) else text
    if last and not every:
        text = re.sub(r"(?<=\s)(#+\s*)$", r"\\\1", text)
    return text


def _reads_well(pieces: Sequence[tuple[Bit, str]], bits: Sequence[Bit], env: dict[str, Any], style: str) -> bool:
    """Whether what was spelled is read back as the text that was meant, with its marks around the same words."""
    content = "".join("\n" if bit.what == "gap" and _breaks(piece) else piece for bit, piece in pieces)
    if style == "cell":
        content = content.replace("\\|", "|")
    inline = read_inline(content, env)
    wanted, marks, waiting = "", [], []
    for bit in bits:
        if bit.what in ("open", "close") and bit.mark is not None:
            if bit.what == "open":
                waiting.append(len(wanted))
            else:
                marks.append((waiting.pop(), len(wanted)))
        elif bit.what == "exact":
            marks.append((len(wanted), len(wanted) + len(bit.text)))
            wanted += bit.text
        elif bit.what == "atom":
            marks.append((len(wanted), len(wanted)))
            wanted += "\n" if bit.mark is not None and bit.mark.kind == "break" else ""
        elif bit.what == "gap":
            wanted += "\n" if _breaks(bit.raw) else bit.text
        else:
            wanted += re.sub(r"\s*[\r\n]+\s*", " ", bit.text)
    found = sorted(mark.span for mark in inline.marks)
    return inline.text.replace("\n", " ").split() == wanted.replace("\n", " ").split() and found == sorted(marks)
