"""Subtitles (SubRip ``.srt``, WebVTT ``.vtt``): sentences joined across cues for translation, timing kept, lines wrapped anew.

A block is a run of cues up to one that ends a sentence (or is followed by a pause), its text the words of their lines. The English of a
sentence is dealt out to the cues that its French ran over, by their share of it, and wrapped at 42 characters, two lines where they do.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bilingual.document import Block, Mark, Part, Place, Segment, Span
from bilingual.forms.found import Found, trimmed
from bilingual.forms.marks import carry_marks, weave

WIDTH, LINES = 42, 2
"""The usual limits of a subtitle."""

PAUSE, MOST = 3.0, 12
"""Seconds without words, and cues, after which a sentence does not go on."""

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\r\n]*(?:\r\n|\r|\n|\Z)")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_SIGN = re.compile(r"</?[A-Za-z][^<>\r\n]{0,200}>|<\d[\d:.]{4,14}>|\{\\[^{}\r\n]{1,60}\}|&(?:amp|lt|gt|nbsp|lrm|rlm);")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": "\xa0", "&lrm;": "", "&rlm;": ""}
_DASHES = ("-", "–", "—")
_END = re.compile(r"[.!?…][\s»”\"')\]]*$")


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue: when it is shown, and where its lines stand (without the last line end)."""

    start: float
    end: float
    span: Span


def cues_of(text: str) -> Iterator[Cue]:
    """The cues of a subtitle file, in order.

    >>> [(c.start, c.span) for c in cues_of("1\\n00:00:01,500 --> 00:00:02,000\\nOui.\\n")]
    [(1.5, (32, 36))]
    """
    position = 0
    while position < len(text):
        timing = _TIMING.match(text, position)
        if timing is None:
            line = _LINE.match(text, position)
            position = line.end() if line and line.end() > position else len(text)
            continue
        start = position = timing.end()
        end = start
        while position < len(text) and (line := _LINE.match(text, position)) and line.group().strip():
            end = position + len(line.group().rstrip("\r\n"))
            position = line.end()
        yield Cue(_seconds(timing.groups()[:4]), _seconds(timing.groups()[4:]), (start, end))


def _seconds(groups: Sequence[str | None]) -> float:
    hours, minutes, seconds, parts = (int(group or 0) for group in groups)
    return hours * 3600 + minutes * 60 + seconds + parts / float(10 ** len(groups[3] or "000"))


def read_subtitles(text: str) -> list[Found]:
    """The blocks of a subtitle file.

    >>> text = "1\\n00:00:01,0 --> 00:00:02,0\\nLe tram\\n<i>roule</i>\\n\\n2\\n00:00:02,0 --> 00:00:03,0\\nenfin.\\n"
    >>> [(f.text.split(), [m.kind for m in f.place.marks]) for f in read_subtitles(text)]
    [(['Le', 'tram', 'roule', 'enfin.'], ['tag'])]
    """
    found: list[Found] = []
    run: list[Cue] = []
    cues = _spoken(text)
    for number, cue in enumerate(cues):
        run.append(cue)
        following = cues[number + 1] if number + 1 < len(cues) else None
        words = _SIGN.sub("", text[slice(*cue.span)]).rstrip()
        if following is None or _END.search(words[-8:]) or following.start - cue.end > PAUSE or len(run) >= MOST:
            if (block := _block(run, text)) is not None:
                found.append(block)
            run = []
    return found


def _spoken(text: str) -> list[Cue]:
    """The cues that have words."""
    return [cue for cue in cues_of(text) if any(map(str.isalnum, _SIGN.sub("", text[slice(*cue.span)])))]


def _block(run: Sequence[Cue], text: str) -> Found | None:
    """The words of some cues in one text, with the tags around them; tags of neighbouring cues that say the same are one."""
    shown, length = "", 0
    runs: list[tuple[Span, Span]] = []
    marks: list[Mark] = []
    waiting: list[int] = []

    def write(letters: str, raw: Span) -> None:
        nonlocal shown, length
        if letters:
            runs.append(((length, length + len(letters)), raw))
            shown, length = shown + letters, length + len(letters)

    position = run[0].span[0]
    for cue in run:
        if cue is not run[0]:
            write("\n", (position, cue.span[0]))
        position = cue.span[0]
        for match in re.finditer(rf"{_SIGN.pattern}|[ \t]*(?:\r\n|\r|\n)[ \t]*", text[slice(*cue.span)]):
            start, end = cue.span[0] + match.start(), cue.span[0] + match.end()
            write(text[position:start], (position, start))
            position, sign = end, match.group()
            if sign in _ENTITIES:
                write(_ENTITIES[sign], (start, end))
            elif sign[0] not in "<{":
                write("\n", (start, end))
            elif sign.startswith("</"):
                if waiting and _name(text, marks[waiting[-1]].opens) == sign[2:-1].strip():
                    number = waiting.pop()
                    marks[number] = Mark((marks[number].span[0], length), "tag", marks[number].opens, (start, end))
            elif sign[0] == "<" and not sign[1].isdigit():
                waiting.append(len(marks))
                marks.append(Mark((length, length), "tag", (start, end)))
        write(text[position : cue.span[1]], (position, cue.span[1]))
        position = cue.span[1]
    if not any(map(str.isalnum, shown)):
        return None
    paired = [mark for mark in marks if mark.closes != (0, 0)]
    place = Place(0, (run[0].span[0], run[-1].span[1]), tuple(runs), tuple(_joined(paired, shown, text)))
    return trimmed(Found(shown, place))


def _name(text: str, span: Span) -> str:
    return re.split(r"[\s.>]", text[span[0] + 1 : span[1]], maxsplit=1)[0]


def _joined(marks: Sequence[Mark], shown: str, text: str) -> Iterator[Mark]:
    last: Mark | None = None
    for mark in marks:
        apart = last is not None and mark.opens[0] >= last.closes[1]
        if (
            last
            and apart
            and not shown[last.span[1] : mark.span[0]].strip()
            and text[slice(*last.opens)] == text[slice(*mark.opens)]
        ):
            last = Mark((last.span[0], mark.span[1]), "tag", last.opens, mark.closes)
            continue
        if last:
            yield last
        last = mark
    if last:
        yield last


# ------------------------------------------------------------------------------------------------------------------- written


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    marks: tuple[int, ...]
    fresh: bool = False  # begins a line: another speaker


def write_subtitles(part: Part, blocks: Mapping[int, Block], *, references: bool) -> str:
    """The subtitles with their blocks translated: the same cues at the same times. `references`: signs of markup are written as such."""
    cues = _spoken(part.text)
    starts = [cue.span[0] for cue in cues]
    out, position = [], 0
    ends = "\r\n" if "\r\n" in part.text else "\n"
    for place in sorted(part.places, key=lambda p: p.span):
        block = blocks.get(place.block)
        if block is None or all(segment.target == segment.source for segment in block.segments):
            continue
        own = cues[max(0, bisect_right(starts, place.span[0]) - 1) : bisect_left(starts, place.span[1])]
        for cue, words in zip(own, _dealt(block, place, own), strict=True):
            out.append(part.text[position : cue.span[0]])
            raw = part.text[slice(*cue.span)]
            out.append(_set(raw, cue.span[0], place) + ends.join(_lines(words, place, part.text, references)))
            position = cue.span[1]
    return "".join(out) + part.text[position:]


def _set(raw: str, at: int, place: Place) -> str:
    """Signs of a cue that stand around no words: where it is shown, who speaks."""
    paired = {mark.opens[0] for mark in place.marks}
    signs = (m for m in _SIGN.finditer(raw) if m.group()[0] == "{" or m.group().startswith("<v"))
    return "".join(m.group() for m in signs if at + m.start() not in paired)


def _dealt(block: Block, place: Place, cues: Sequence[Cue]) -> list[list[_Word]]:
    """The English words of a block, cue by cue."""
    dealt: list[list[_Word]] = [[] for _ in cues]
    stretches = [_stretch(place, cue) for cue in cues]
    for segment in block.segments:
        span = segment.span[0] - block.span[0], segment.span[1] - block.span[0]
        shares = [max(0, min(span[1], b) - max(span[0], a)) for a, b in stretches]
        words = _words(segment, place, span)
        numbers = [i for i, share in enumerate(shares) if share]
        for number, some in zip(numbers, _cut(words, [shares[i] for i in numbers]), strict=True):
            dealt[number] += some
    return dealt


def _stretch(place: Place, cue: Cue) -> Span:
    inside = [shown for shown, (a, b) in place.runs if cue.span[0] <= a and b <= cue.span[1]]
    return (inside[0][0], inside[-1][1]) if inside else (0, 0)


def _words(segment: Segment, place: Place, span: Span) -> list[_Word]:
    """The words of a sentence, each with the marks around it."""
    shown = segment if segment.target or segment.origin == "post-edited" else replace(segment, target=segment.source)
    numbers = [n for n, mark in enumerate(place.marks) if mark.span[0] < span[1] and span[0] < mark.span[1]]
    local = [replace(place.marks[n], span=(place.marks[n].span[0] - span[0], place.marks[n].span[1] - span[0])) for n in numbers]
    carried = carry_marks(shown, local)
    around: list[int] = []
    words: list[_Word] = []
    joined = False  # the letters of a word go on behind a tag
    for what, value in weave(len(shown.target), carried):
        if isinstance(value, tuple):
            text = shown.target[slice(*value)]
            for number, word in enumerate(text.split()):
                if number == 0 and joined and not text[0].isspace():
                    words[-1] = replace(words[-1], text=words[-1].text + word)
                    continue
                fresh = not words and shown.source[:1] in _DASHES
                if fresh and word[0] not in _DASHES:  # who speaks is told by the dash, which models leave out
                    word = f"- {word}"
                words.append(_Word(word, tuple(around), fresh))
            joined = bool(words) and not text[-1:].isspace()
        elif what == "open":
            around.append(numbers[value])
        elif around:
            around.pop()
    return words


def _cut(words: list[_Word], shares: Sequence[int]) -> Iterator[list[_Word]]:
    """Words in as many stretches as there are shares, about as long as these; cut behind a comma where one is near."""
    total, length = sum(shares), sum(len(word.text) + 1 for word in words)
    first, wanted = 0, 0.0
    for number, share in enumerate(shares):
        wanted += share / total * length if total else 0
        left = len(shares) - number - 1
        if not left:
            yield words[first:]
            return
        sums = [sum(len(word.text) + 1 for word in words[:end]) for end in range(len(words) + 1)]
        least, most = min(first + 1, len(words)), max(min(first + 1, len(words)), len(words) - left)
        choices = range(least, most + 1)
        last = min(choices, key=lambda end: abs(sums[end] - wanted) - (6 if end and words[end - 1].text[-1:] in ",;:.!?…" else 0))
        yield words[first:last]
        first = last


def _lines(words: list[_Word], place: Place, text: str, references: bool) -> Iterator[str]:
    """The lines of a cue: one where it fits, else two of about one length, else as many as it takes."""
    stretches: list[list[_Word]] = []
    for word in words:
        if not stretches or word.fresh:
            stretches.append([])
        stretches[-1].append(word)
    rows = [row for stretch in stretches for row in _wrapped(stretch, LINES if len(stretches) == 1 else 1)]
    for row in rows:
        written, around = "", ()  # type: tuple[str, tuple[int, ...]]
        for word in row:
            shared = next(
                (i for i, (a, b) in enumerate(zip(around, word.marks, strict=False)) if a != b), min(len(around), len(word.marks))
            )
            written += "".join(text[slice(*place.marks[n].closes)] for n in reversed(around[shared:]))
            written += " " if written else ""
            written += "".join(text[slice(*place.marks[n].opens)] for n in word.marks[shared:])
            written += word.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if references else word.text
            around = word.marks
        yield written + "".join(text[slice(*place.marks[n].closes)] for n in reversed(around))


def _wrapped(words: list[_Word], lines: int) -> list[list[_Word]]:
    def size(some: Sequence[_Word]) -> int:
        return sum(len(word.text) + 1 for word in some) - 1

    if size(words) <= WIDTH or len(words) < 2:
        return [words]
    if lines == 2:
        halves = [(max(size(words[:i]), size(words[i:])), i) for i in range(1, len(words))]
        longest, at = min(halves, key=lambda h: h[0] - (4 if words[h[1] - 1].text[-1:] in ",;:.!?…" and h[0] <= WIDTH else 0))
        if longest <= WIDTH:
            return [words[:at], words[at:]]
    rows: list[list[_Word]] = [[]]
    for word in words:
        if rows[-1] and size([*rows[-1], word]) > WIDTH:
            rows.append([])
        rows[-1].append(word)
    return rows
