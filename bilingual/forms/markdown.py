"""Markdown with the places of its words: the blocks of a text, their plain text, their inline marks, and where each letter is written.

CommonMark with tables, strikethrough and footnotes, by markdown-it-py. It says which lines a block has; where inside them its
words and marks stand is recorded from the parser's own rules as they match. Left alone, and so not among the blocks: front
matter, code, HTML blocks, link targets, reference definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from bilingual.document import Mark, Place, Span
from bilingual.forms.found import Found, trimmed
from bilingual.forms.markdown_parser import parser

_MATTER = re.compile(
    r"---[ \t]*\r?\n(?=[\w-]+[ \t]*:|#)(?:[^\r\n]*\r?\n)*?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)"
    r"|\+\+\+[ \t]*\r?\n(?:[^\r\n]*\r?\n)*?\+\+\+[ \t]*(?:\r?\n|\Z)"
)
_LINE = re.compile(r"\r\n?|\n")
_LEADS = re.compile(r"\[[ xX]\][ \t]+|\[![A-Za-z]+\][ \t]*(?:\n|$)|\[\^[^\]\s\[]{1,80}\]:[ \t]+")
_ATTRIBUTES = re.compile(r"(?:[ \t]+#+)?[ \t]*\{[#.:][^{}\n]*\}$")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


@dataclass(slots=True)
class _Item:
    """What the inline parser saw at a stretch of a block's content: ``char`` stands for ``text``, the others are marks."""

    start: int
    end: int
    what: str  # open, close, atom, exact, char, break
    kind: str = ""
    text: str = ""
    anew: str = ""


@dataclass(frozen=True, slots=True)
class Inline:
    """The content of a block as read: ``runs`` and ``marks`` count in that content; ``inner``: translatable stretches inside marks."""

    text: str
    runs: tuple[tuple[Span, Span], ...]
    marks: tuple[Mark, ...]
    inner: tuple[Span, ...] = ()


def read_markdown(text: str) -> tuple[list[Found], dict[str, Any], int]:
    """The blocks of a Markdown text in order, what its references stand for, and how many blocks could not be placed.

    >>> found, _, _ = read_markdown("# Le *tram*\\n\\n> Il roule\\n> [lundi](a.html).")
    >>> [(f.marker, f.text, [(m.kind, m.span) for m in f.place.marks]) for f in found]
    [('heading', 'Le tram', [('emphasis', (3, 7))]), ('quote', 'Il roule\\nlundi.', [('link', (9, 14))])]
    """
    matter = _MATTER.match(text)
    base = matter.end() if matter else 0
    starts = [base, *(match.end() for match in _LINE.finditer(text, base))]
    env: dict[str, Any] = {}
    found: list[Found] = []
    unplaced = 0
    for content, marker, sign, first, column, gap in _blocks(text[base:], env):
        where = _letters(text, starts, content, first, column)
        if where is None:
            unplaced += 1
            continue
        found += _found(content, where, marker, sign, gap, env, "cell" if column >= 0 else "")
    return found, env, unplaced


def _found(
    content: str, where: list[Span], marker: str, sign: str, gap: bool, env: dict[str, Any], style: str
) -> Iterator[Found]:
    lead = _LEADS.match(content)
    start = lead.end() if lead else 0
    tail = _ATTRIBUTES.search(content[-200:]) if marker == "heading" else None
    end = len(content) - (len(tail.group()) if tail else 0)
    pending = [(start, end, marker, sign, gap)]
    while pending:
        start, end, marker, sign, gap = pending.pop(0)
        for inline in _lines_apart(read_inline(content[start:end], env)):
            if any(map(str.isalnum, inline.text)):
                yield trimmed(Found(inline.text, replace(_placed(inline, where[start:end]), style=style), marker, sign, gap))
            gap = False
            pending += [(start + a, start + b, "caption", "", False) for a, b in inline.inner]
        style = style or "inner"


def _placed(inline: Inline, where: list[Span]) -> Place:
    """Where an inline text stands in the file, given where each letter of its content does."""

    def there(span: Span) -> Span:
        start, end = span
        if start >= len(where):
            return where[-1][1], where[-1][1]
        return where[start][0], where[end - 1][1] if end > start else where[start][0]

    runs: list[tuple[Span, Span]] = []
    for (a, b), (c, d) in inline.runs:
        if b - a != d - c or b - a == 1:
            runs.append(((a, b), there((c, d))))
            continue
        begin = 0
        for i in range(1, b - a + 1):  # a run of letters that does not stand in one piece (cells with \|)
            if (
                i == b - a
                or where[c + i][0] != where[c + i - 1][1]
                or where[c + i][1] - where[c + i][0] != where[c + i - 1][1] - where[c + i - 1][0]
            ):
                runs.append(((a + begin, a + i), there((c + begin, c + i))))
                begin = i
    # What closes nowhere (an image, a break) has its end at (0, 0), which is no place in the file.
    marks = tuple(
        replace(m, opens=there(m.opens), closes=there(m.closes) if m.closes != (0, 0) else m.closes) for m in inline.marks
    )
    edges = [span for _, span in runs] + [span for mark in marks for span in (mark.opens, mark.closes) if span != (0, 0)]
    return Place(0, (min(a for a, _ in edges), max(b for _, b in edges)), tuple(runs), marks)


def _lines_apart(inline: Inline) -> Iterator[Inline]:
    """An inline text parted at its hard breaks, where no mark runs over one."""
    breaks = [mark for mark in inline.marks if mark.kind == "break"]
    around = [mark for mark in inline.marks if mark.closes[1] > mark.opens[1]]
    cuts = [b for b in breaks if not any(mark.opens[0] < b.opens[0] < mark.closes[1] for mark in around)]
    if not cuts:
        yield inline
        return
    start = 0
    inner = inline.inner
    for cut in [*cuts, None]:
        stop = cut.span[0] if cut else len(inline.text)
        runs = tuple(((a - start, b - start), raw) for (a, b), raw in inline.runs if start <= a and b <= stop)
        low = cuts[cuts.index(cut) - 1].opens[1] if cut in cuts[1:] else (cuts[-1].opens[1] if cut is None else -1)
        high = cut.opens[0] if cut else 1 << 60
        marks = tuple(replace(m, span=(m.span[0] - start, m.span[1] - start)) for m in inline.marks if low <= m.opens[0] < high)
        yield Inline(inline.text[start:stop], runs, marks, inner)
        inner = ()
        start = stop + 1


def read_inline(content: str, env: dict[str, Any]) -> Inline:
    r"""The plain text of a block's content, with its marks; code stands in the text with backticks.

    >>> inline = read_inline("Un **grand** `x*y` &amp; [lien](a)", {})
    >>> inline.text, [(mark.kind, mark.span) for mark in inline.marks]
    ('Un grand `x*y` & lien', [('strong', (3, 8)), ('code', (9, 14)), ('link', (17, 21))])
    """
    items, inner = _items(content, env)
    text: list[str] = []
    length = position = 0
    runs: list[tuple[Span, Span]] = []
    marks: list[Mark | None] = []
    around: list[int] = []

    def letters(until: int) -> None:
        nonlocal length, position
        if until > position:
            runs.append(((length, length + until - position), (position, until)))
            text.append(content[position:until])
            length += until - position
        position = max(position, until)

    def write(shown: str, raw: Span) -> None:
        nonlocal length, position
        runs.append(((length, length + len(shown)), raw))
        text.append(shown)
        length += len(shown)
        position = raw[1]

    for item in items:
        letters(item.start)
        span = (item.start, item.end)
        if item.what == "char":  # two line ends with a picture between them are no end of a paragraph
            write(" " if item.text == "\n" and text and text[-1][-1:] == "\n" else item.text, span)
        elif item.what == "break":
            marks.append(Mark((length, length), "break", span))
            write("\n", (item.end, item.end))
        elif item.what == "exact":
            marks.append(Mark((length, length + len(item.text)), item.kind, span, (item.end, item.end)))
            write(item.text, span)
        elif item.what == "atom":
            marks.append(Mark((length, length), item.kind, span))
        elif item.what == "open":
            around.append(len(marks))
            marks.append(Mark((length, length), item.kind, span))
        else:
            opened = marks[around.pop()]
            assert opened is not None
            marks[marks.index(opened)] = replace(opened, span=(opened.span[0], length), closes=span, anew=item.anew)
        position = max(position, item.end)
    letters(len(content))
    return Inline("".join(text), tuple(runs), tuple(m for m in marks if m), tuple(inner))


def _items(content: str, env: dict[str, Any]) -> tuple[list[_Item], list[Span]]:
    """What the inline parser finds in `content`, in order, marks in pairs, and the stretches inside them that hold words."""
    reader = parser()
    seen: list[tuple[str, Any, int, int, Any]] = []
    tokens: list[Any] = []
    reader.inline.parse(content, reader, {**env, "seen": seen}, tokens)
    items: list[_Item] = []
    inner: list[Span] = []
    tags: list[_Item] = []
    for rule, token, start, end, extra in seen:
        kind = token.type if token is not None else ""
        if rule == "newline" and kind == "softbreak":
            begin = len(content[:start].rstrip(" "))
            items.append(_Item(begin, end, "char", text="\n"))
        elif kind == "hardbreak":
            items.append(_Item(len(content[:start].rstrip(" ")) if rule == "newline" else start, end, "break"))
        elif rule in ("escape", "entity"):
            items.append(_Item(start, end, "char", text=extra))
        elif rule == "backticks" and kind == "code_inline":
            code = token.content
            easy = shown_code(code)
            items.append(_Item(start, end, "exact" if easy else "atom", "code", f"`{code}`"))
        elif rule in ("emphasis", "strikethrough"):
            items += _delimiter(kind, start)
        elif rule == "autolink" and token is not None:
            items.append(_Item(start, end, "exact", "address", content[start + 1 : end - 1]))
        elif rule == "note":
            items.append(_Item(start, end, "atom", "note"))
        elif rule == "image":
            items.append(_Item(start, end, "atom", "image"))
            inner += [span for span in (extra[0], extra[1]) if span]
        elif rule == "link":
            label, title, closing = extra
            items.append(_Item(start, start + 1, "open", "link"))
            items.append(_Item(label, end, "close", "link", anew=closing))
            inner += [title] if title else []
        elif rule == "html_inline":
            tags.append(_Item(start, end, "atom", "tag", content[start:end]))
    _pair(tags, [(i.start, i.end, i.what) for i in items if i.what in ("open", "close")])
    items += tags
    items.sort(key=lambda item: (item.start, item.end))
    outside: list[_Item] = []
    limit = 0
    for item in items:  # what stands inside code or inside the target of a link is theirs
        if item.start >= limit or (item.what == "break" and not outside):
            outside.append(item)
            limit = item.end
    return outside, inner


def shown_code(code: str) -> bool:
    """Whether code can stand in a block's text with backticks: short, and nothing in it that ends a sentence.

    >>> shown_code("x = 1"), shown_code("Fin. Et")
    (True, False)
    """
    return 0 < len(code) <= 198 and "`" not in code and not re.search(r"[.!?…]\s|[\r\n]", code)


def _delimiter(kind: str, at: int) -> list[_Item]:
    pairs = {"em": ("emphasis", 0, 1), "strong_open": ("strong", -1, 1), "strong_close": ("strong", 0, 2), "s": ("strike", 0, 2)}
    name = kind.partition("_")[0]
    found = pairs.get(kind) or pairs.get(name)
    if found is None or "_" not in kind:
        return []
    return [_Item(at + found[1], at + found[2], "open" if kind.endswith("open") else "close", found[0])]


def _pair(tags: list[_Item], others: list[tuple[int, int, str]]) -> None:
    """Make marks of the inline tags that open and close without crossing other marks; the others stay as they are, atoms."""
    marks = sorted([*((t.start, "tag", t) for t in tags), *((a, what, None) for a, _, what in others)], key=lambda m: m[0])
    waiting: list[tuple[str, _Item | None]] = []
    for _, what, tag in marks:
        if what == "open":
            waiting.append(("", None))
        elif what == "close":
            while waiting and waiting.pop()[1] is not None:
                pass
        elif tag is not None and (match := _TAG.match(tag.text)):
            name = match[2].lower()
            if name == "br":
                continue
            if not match[1] and name not in _VOID and not tag.text.endswith("/>"):
                waiting.append((name, tag))
            elif match[1] and waiting and waiting[-1][0] == name:
                opened = waiting.pop()[1]
                if opened is not None:
                    opened.what, tag.what = "open", "close"


def _blocks(text: str, env: dict[str, Any]) -> Iterator[tuple[str, str, str, int, int, bool]]:
    """The blocks of a text that hold words: content, marker, sign, first line, column of a table (-1: none), gap before it."""
    around: list[str] = []
    before: tuple[str, int] = ("", -1)
    column = row = -1
    for token in parser().parse(text, env):
        if token.type == "tr_open":
            column, row = -1, (token.map or [0])[0]
        elif token.type in ("th_open", "td_open"):
            column += 1
        elif token.type.endswith(("list_open", "blockquote_open")):
            around.append(token.type)
        elif token.type.endswith(("list_close", "blockquote_close")):
            around.pop()
        elif token.type == "heading_open":
            before = "#" * int(token.tag[1]), before[1]
        elif token.type == "table_close":
            row = -1
        elif token.type == "inline":
            marker, sign = "", before[0]
            if sign:
                marker = "heading"
            elif row >= 0:
                marker, sign = "bullet", "-"
            elif around:
                marker = {"bullet_list_open": "bullet", "ordered_list_open": "number"}.get(around[-1], "quote")
                sign = {"bullet": "-", "number": "1.", "quote": ">"}[marker]
            first = row if row >= 0 else (token.map or [0])[0]
            gap = not (around and around[-1] != "blockquote_open" and before[1] >= 0) and row < 0
            before = "", len(around)
            if token.content:
                yield token.content, marker, sign, first, column if row >= 0 else -1, gap


def _letters(text: str, starts: list[int], content: str, first: int, column: int) -> list[Span] | None:
    """Where each letter of a block's content stands in `text`; None where it cannot be found, which would be a mistake here."""
    where: list[Span] = []
    for number, line in enumerate(content.split("\n")):
        if first + number >= len(starts):
            return None
        start = starts[first + number]
        stop = starts[first + number + 1] if first + number + 1 < len(starts) else len(text)
        raw = text[start:stop].rstrip("\r\n")
        if number:
            where.append((where[-1][1] if where else start, start))
        body = line.strip(" \t")
        if column >= 0:
            cell = _cell(raw, column, content)
            return cell and [(start + a, start + b) for a, b in cell]
        at = _line(raw, body)
        if at < 0:
            return None
        lead = len(line) - len(line.lstrip(" \t")) if body else len(line)
        where += [(start + at, start + at)] * lead
        where += [(start + at + i, start + at + i + 1) for i in range(len(body))]
        if number:  # the line end reaches to the first letter of the next line
            index = len(where) - len(body) - lead - 1
            where[index] = (where[index][0], start + at)
        trailing = len(line) - lead - len(body)
        where += [(start + at + len(body) + i, start + at + len(body) + i + 1) for i in range(max(0, trailing))]
    return where


def _line(raw: str, body: str) -> int:
    """Where the content of a line begins in the line as written: at its end, but for the closing signs of a heading."""
    bare = raw.rstrip(" \t")
    if bare.endswith(body):
        return len(bare) - len(body)
    bare = re.sub(r"[ \t]+#+$", "", bare[-2000:]) if len(bare) <= 2000 else bare
    return len(bare) - len(body) if bare.endswith(body) else raw.rfind(body)


def _cell(raw: str, column: int, content: str) -> list[Span] | None:
    """Where the letters of a table's cell stand in its row; ``\\|`` is one letter."""
    for offset, cells, spelled in _row(raw):
        if column < len(cells) and spelled[column].strip() == content:
            begin = spelled[column].index(content)
            return [(offset + a, offset + b) for a, b in cells[column][begin : begin + len(content)]]
    return None


@lru_cache(maxsize=2)
def _row(raw: str) -> list[tuple[int, list[list[Span]], list[str]]]:
    """The cells of a row, in the ways in which it may stand in quotations and lists: what is before it, their letters, their texts."""
    ways = []
    for lead in dict.fromkeys((raw, raw.lstrip("> \t"), re.sub(r"^[\s>]*(?:[-*+]|\d+[.)])[ \t]+", "", raw))):
        cells: list[list[Span]] = [[]]
        at = 0
        while at < len(lead):
            if lead[at] == "|":
                cells.append([])
            elif lead.startswith("\\|", at):
                cells[-1].append((at, at + 2))
                at += 1
            else:
                cells[-1].append((at, at + 1))
            at += 1
        spelled = ["".join("|" if b - a == 2 else lead[a] for a, b in cell) for cell in cells]
        if not spelled[0].strip():
            cells, spelled = cells[1:], spelled[1:]
        ways.append((len(raw) - len(lead), cells, spelled))
    return ways
