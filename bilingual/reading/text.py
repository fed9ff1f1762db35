"""What each paragraph of an article is: title, heading, list item, quotation, clutter …

First every piece is judged by itself (`clutter`, `bylines`), then by its neighbours: a heading needs text under it, a signed post the lines
above its signature, a name at the end of an article is its author's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bilingual.document import CLUTTER, Block, BlockKind
from bilingual.reading import bylines
from bilingual.reading.clutter import clutter, is_network
from bilingual.reading.encodings import WHITE
from bilingual.reading.layout import Piece, pieces
from bilingual.reading.patterns import plain

_LONG = 700  # code points; beyond it a piece is a paragraph and is not looked at
_POST = 420  # code points of an embedded post: 280, and what a translation into French adds
_CLOSERS = "»”\"')] "
_LOWER_NAME = re.compile(r"[a-z]{1,2}[A-Z]")  # xAI, iPhone, eBay
_INNER_STOP = re.compile(r"[^\W\d_]{3}[.!?…] [A-ZÀ-Ý«“]")
_ADDRESS = re.compile(r"https?://|www\.|\b[\w-]+\.(?:com|fr|org|net|eu|be|ch|ca)\b")
_SAYS = re.compile(
    r"\b(?:dit|dis|fit|fis|répond\w*|répliqu\w+|rétorqu\w+|demand\w+|interroge\w*|questionn\w+|lan[cç]\w+|s'écri\w+|s'exclam\w+|murmur\w+|"
    r"souffl\w+|repr(?:it|end)|ajout\w+|soupir\w+|cri[ae]\w*|insist\w+|expliqu\w+|poursuiv\w+|conclu\w+|confi\w+|glissa)\b",
    re.IGNORECASE,
)
_SAID = re.compile(rf"(?:{_SAYS.pattern})(?:-t)?-(?:il|elle|ils|elles|on|je)\b|, (?:{_SAYS.pattern}) [A-ZÀ-Ýl]", re.IGNORECASE)
_EXCLAIMS = re.compile(
    r"(?:oui|non|si|bonjour|bonsoir|eh|ah|oh|hé|merci|d'accord|bien sûr|salut|allô|pardon|tiens)\b(?= ?[,.!?…])", re.IGNORECASE
)
_ITEMS = frozenset({"bullet", "star", "plus", "dash", "number"})


@dataclass(slots=True)
class _Draft:
    """A piece, its plain form ("" where it is long), and what it has been found to be so far."""

    piece: Piece
    line: str
    kind: BlockKind | None = None
    level: int = 0
    whole: bool = False  # the marker belongs to the text
    signs: bool = False  # signs the post above it

    @property
    def words(self) -> int:
        return len(self.line.split()) if self.line else len(self.piece.text) // 6

    @property
    def stop(self) -> str:
        """The last character, closing quotes and brackets aside."""
        return self.piece.text[-8:].rstrip(_CLOSERS + "\xa0\u202f\u2009")[-1:]

    @property
    def running(self) -> bool:
        """Whether this is text that a heading may stand over."""
        if self.kind is not None:
            return self.kind in ("paragraph", "quote", "list-item", "tweet")
        return len(self.piece.text) >= 120 or (self.words >= 8 and self.stop in (".", "!", "?", "…"))


def read_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a plain text, not yet split into sentences.

    Spans count code points of `text`; ``block.text`` is exactly what stands there. Only white space and markers (of list items,
    quotations and headings) lie outside all spans.

    >>> blocks = read_blocks("Le tram revient\\n\\nPartager :\\n\\nIl roule de nouveau depuis lundi matin dans la ville.")
    >>> [(block.kind, block.level, block.span) for block in blocks]
    [('title', 1, (0, 15)), ('share', 0, (17, 27)), ('paragraph', 0, (29, 82))]
    """
    return classify(pieces(text), text, marked=False)


def classify(found: Sequence[Piece], text: str, *, marked: bool) -> tuple[Block, ...]:
    """The blocks of `text` whose pieces are known. `marked`: by markup, so that lists are lists and headings headings."""
    drafts = [_Draft(piece, plain(piece.text) if len(piece.text) <= _LONG else "") for piece in found]
    for at, draft in enumerate(drafts):
        _alone(draft, at, edge=at < 6 or at >= len(drafts) - 4)
    _underlines(drafts)
    _buttons(drafts)
    _source_lists(drafts)
    _posts(drafts)
    numbers = Counter(_order(d.piece.sign) for d in drafts if d.piece.marker == "number")
    for run in _runs(drafts):
        if marked:
            for at in run:
                drafts[at].kind = "list-item"
        elif drafts[run[0]].piece.marker == "dash":
            _list_or_speech(drafts, run)
        else:
            _list_or_number(drafts, run, numbers)
    _authors(drafts)
    headed = any(d.piece.marker == "heading" for d in drafts)
    _title(drafts)
    if not (marked and headed):
        _headings(drafts)
    for draft in drafts:
        if draft.kind is None:
            draft.kind = "quote" if _is_quoted(draft) else "paragraph"
    return tuple(_block(number, draft, text) for number, draft in enumerate(drafts, 1))


def _block(number: int, draft: _Draft, text: str) -> Block:
    piece = draft.piece
    start, end = piece.outer if draft.whole else piece.start, piece.end
    if (
        piece.marker == "heading" and piece.outer < start and re.search(r"[ \t]#+$", piece.text[-20:])
    ):  # the closing signs that Markdown allows
        end = start + len(piece.text.rstrip("#").rstrip(WHITE))
    body = text[start:end]
    return Block(number, draft.kind or "paragraph", body, (start, end), draft.level)


def _alone(draft: _Draft, at: int, *, edge: bool) -> None:
    """What the piece is by its own look."""
    line, marker = draft.line, draft.piece.marker
    if marker == "rule":
        draft.kind, draft.whole = "other", True
    elif marker == "heading":
        draft.kind, draft.level = "heading", len(draft.piece.sign)
    elif marker in ("quote", "caption"):
        draft.kind = "quote" if marker == "quote" else "caption"
    elif not line:
        return
    elif found := clutter(line):
        draft.kind = found
    elif bylines.is_attribution(line):
        draft.kind, draft.signs, draft.whole = "tweet", True, True
    elif marker:
        return
    elif bylines.is_caption(line, first=at == 0):
        draft.kind = "caption"
    elif bylines.is_byline(line, edge=edge):
        draft.kind = "byline"
    elif bylines.is_tweet(line):
        draft.kind = "tweet"


def _underlines(drafts: list[_Draft]) -> None:
    """A short line with ``=====`` or ``-----`` right under it is a heading."""
    for draft, under in pairwise(drafts):
        if under.piece.marker != "rule" or under.piece.gap or draft.kind is not None or draft.stop in (".", ",", ";"):
            continue
        if draft.piece.marker == "" and 0 < len(draft.line) <= 150 and under.piece.text[:3] in ("===", "---"):
            draft.kind, draft.level = "heading", 1 if under.piece.text[0] == "=" else 2


def _buttons(drafts: list[_Draft]) -> None:
    """Names of networks right under a call to share are its buttons; one alone after a blank line may be a heading."""
    for at, (before, draft) in enumerate(pairwise(drafts), 1):
        if before.kind != "share" or draft.kind is not None or not is_network(draft.line):
            continue
        more = is_network(before.line) or (at + 1 < len(drafts) and is_network(drafts[at + 1].line))
        if more or not draft.piece.gap:
            draft.kind = "share"


def _source_lists(drafts: list[_Draft]) -> None:
    """Addresses listed under « Sources : » are sources."""
    listing = False
    for draft in drafts:
        if draft.kind == "source":
            listing = listing or draft.line.endswith(":")
        elif listing and draft.kind is None and 0 < len(draft.line) <= 250 and _ADDRESS.search(draft.line) and draft.stop != ".":
            draft.kind = "source"
        else:
            listing = False


def _posts(drafts: list[_Draft]) -> None:
    """The short lines right above a signature « – Name (@handle) date » are the post that it signs, up to a blank line."""
    for at, draft in enumerate(drafts):
        if not draft.signs:
            continue
        size = 0
        for above in range(at - 1, -1, -1):
            other = drafts[above]
            size += len(other.line)
            if other.kind not in (None, "quote") or not other.line or size > _POST or other.stop == ":":
                break
            if above < at - 1 and other.words <= 8 and other.stop not in (".", "!", "?", "…"):  # a title or heading over the post
                break
            other.kind = "tweet"
            if other.piece.gap:
                break


def _runs(drafts: list[_Draft]) -> Iterator[list[int]]:
    """Stretches of neighbouring pieces with the same kind of list marker that nothing is known about yet."""
    run: list[int] = []
    for at, draft in enumerate(drafts):
        if draft.kind is None and draft.piece.marker in _ITEMS:
            if run and drafts[run[-1]].piece.marker != draft.piece.marker:
                yield run
                run = []
            run.append(at)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _list_or_number(drafts: list[_Draft], run: list[int], numbers: Counter[int]) -> None:
    """Items with a bullet or a number are list items; a number that stands alone may be a heading's or the sentence's own."""
    draft = drafts[run[0]]
    if draft.piece.marker == "number" and len(run) == 1:
        number = _order(draft.piece.sign)
        if not (numbers[number - 1] or numbers[number + 1] or (number == 1 and numbers.total() == 1)):
            draft.whole = True
            return
        after = drafts[run[0] + 1] if run[0] + 1 < len(drafts) else None
        if _like_heading(draft) and after is not None and after.running and not after.piece.marker:
            draft.kind, draft.level, draft.whole = "heading", 2, True
            return
    for at in run:
        drafts[at].kind = "list-item"


def _list_or_speech(drafts: list[_Draft], run: list[int]) -> None:
    """Decide on lines that begin with a dash: list items, or speech (paragraphs that keep their dash), or whom a quotation is by."""
    items = [drafts[at] for at in run]
    before = drafts[run[0] - 1] if run[0] else None
    quoted = before is not None and (before.kind == "quote" or (before.kind is None and _is_quoted(before)))
    if before is not None and quoted and len(run) == 1 and items[0].words <= 12 and items[0].stop not in (".", "!", "?"):
        before.kind = items[0].kind = "quote"
        items[0].whole = True
    elif len(run) == 1 and (items[0].piece.text[0].isdigit() or bylines.is_name(items[0].line)):
        items[0].whole = True
    elif _is_speech(items, before):
        for item in items:
            item.kind, item.whole = "paragraph", True
    else:
        for item in items:
            item.kind = "list-item"


def _is_speech(items: Sequence[_Draft], before: _Draft | None) -> bool:
    """Whether lines that begin with a dash are spoken. French prints dialogue and lists alike."""
    if any(_SAID.search(item.line) or _EXCLAIMS.match(item.line) for item in items if item.line):
        return True
    listed = any(item.stop not in (".", "!", "?", "…") or item.piece.text[0].islower() for item in items)
    if listed:
        return False
    announced = before is not None and before.stop == ":"
    if announced and before is not None and _SAYS.search(before.piece.text[-30:]):
        return True
    asks = sum(item.stop in ("!", "?", "…") for item in items) * 2 >= len(items)
    return asks or not (announced or any(item.piece.sign == "-" for item in items))


def _order(sign: str) -> int:
    """The number of a marker: 3 for « 3. », 2 for « b) »."""
    return int(sign[:-1]) if sign[0].isdigit() else ord(sign[0].lower()) - 96


def _authors(drafts: list[_Draft]) -> None:
    """Names, trades and dates that stand below the last running text, or beside a byline above the first."""
    body = [at for at, draft in enumerate(drafts) if draft.running]
    if not body:
        return
    for at, draft in enumerate(drafts):
        if draft.kind is not None or not draft.line or draft.stop in (".", "!", "?", ":", ";", ","):
            continue
        if draft.piece.marker not in ("", "dash"):
            continue
        before = drafts[at - 1] if at else None
        after = drafts[at + 1] if at + 1 < len(drafts) else None
        beside = (before is not None and before.kind == "byline") or (after is not None and after.kind == "byline")
        if at > body[-1]:
            signed = bylines.is_name(draft.line) or bylines.is_name_and_role(draft.line)
            if signed or (bylines.is_role(draft.line) and before is not None and before.kind == "byline"):
                draft.kind, draft.whole = "byline", True
        elif 0 < at < body[0] and (bylines.is_name_and_role(draft.line) or (beside and bylines.is_name(draft.line))):
            draft.kind = "byline"


def _title(drafts: list[_Draft]) -> None:
    """The first marked heading of level 1, else the first piece of text when it is short, without a stop, and has text under it."""
    for draft in drafts:
        if draft.kind == "heading" and draft.level == 1:
            draft.kind = "title"
            break
    else:
        for at, draft in enumerate(drafts):
            if draft.kind in CLUTTER or draft.kind in ("byline", "caption"):
                continue
            short = draft.kind is None and not draft.piece.marker and 0 < len(draft.line) <= 200 and draft.words <= 32
            if (
                short
                and draft.stop not in (".", ",", ";", ":")
                and _opens_well(draft)
                and any(_has_text(d) for d in drafts[at + 1 :])
            ):
                draft.kind, draft.level = "title", 1
            break
    for draft in drafts:
        if draft.kind == "heading":
            draft.level = max(2, draft.level)


def _has_text(draft: _Draft) -> bool:
    return draft.running or (draft.kind is None and draft.stop in (".", "!", "?", "…"))


def _opens_well(draft: _Draft) -> bool:
    """Whether a line begins as titles do: with a capital, a figure, a quotation mark, or a name like xAI."""
    first = next((char for char in draft.line if char.isalnum()), "")
    return bool(first) and (not first.islower() or _LOWER_NAME.match(draft.line.lstrip("«“\"'( ")) is not None)


def _headings(drafts: list[_Draft]) -> None:
    """Short lines without a stop over running text. At most three in a row: more are verse, menus or tables."""
    stack: list[int] = []
    for at, draft in enumerate(drafts):
        if draft.kind is None and not draft.piece.marker and _like_heading(draft):
            stack.append(at)
            continue
        if draft.kind in CLUTTER or draft.kind in ("caption", "byline"):
            continue
        if draft.running and stack:
            if len(stack) > 3:
                stack = stack[-1:] if drafts[stack[-1]].piece.gap else []
            for above in stack:
                if _suits(drafts[above], draft):
                    drafts[above].kind, drafts[above].level = "heading", 2
        stack = []


def _like_heading(draft: _Draft) -> bool:
    line = draft.line
    if not 0 < len(line) <= 120 or draft.words > 20 or draft.stop in (".", ",", ";", ":", "…") or _ADDRESS.search(line):
        return False
    if not any(map(str.isalpha, line)) or not _opens_well(draft) or _INNER_STOP.search(line):
        return False
    return not (_is_quoted(draft) and draft.words > 12)


def _suits(heading: _Draft, text: _Draft) -> bool:
    """A question or an exclamation is a heading only over a real paragraph: elsewhere it is what somebody says."""
    if heading.stop == "?":
        return heading.words <= 14 and (len(text.piece.text) >= 80 or text.kind == "list-item")
    if heading.stop == "!":
        return heading.words <= 8 and len(text.piece.text) >= 120
    return True


def _is_quoted(draft: _Draft) -> bool:
    """Whether a piece stands wholly between one pair of quotation marks."""
    text = draft.piece.text
    pairs = {"«": "»", "“": "”", '"': '"'}
    close = pairs.get(text[0])
    body = text.rstrip(". ")
    if close is None or len(body) < 3 or body[-1] != close:
        return False
    inside = body[1:-1]
    if close == '"':
        return '"' not in inside
    depth = 1
    for char in re.findall(f"[{text[0]}{close}]", inside):
        depth += 1 if char == text[0] else -1
        if depth == 0:
            return False
    return depth == 1
