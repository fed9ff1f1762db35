"""markdown-it-py with footnotes, its inline rules noting where they matched: the library itself tells lines, not letters."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from bilingual.document import Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_NOTE = re.compile(r"\[\^[^\]\s\[]{1,80}\]")


@cache
def parser() -> MarkdownIt:
    """The parser, which notes in ``env["seen"]`` what its inline rules matched, and where: (rule, token, start, end, more)."""
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    made.inline.ruler2.disable("fragments_join")
    made.core.ruler.disable(["text_join", "inline"], True)
    made.block.ruler.before("reference", "footnote", _footnote, {"alt": ["paragraph", "reference"]})
    made.inline.ruler.before("link", "note", _note)
    for rule in made.inline.ruler.__rules__:
        if rule.name != "text":
            made.inline.ruler.at(rule.name, _recorded(rule.name, rule.fn))
    return made


def _recorded(name: str, rule: Callable[[Any, bool], bool]) -> Callable[[Any, bool], bool]:
    """`rule`, which also notes in ``env["seen"]`` what it matched, and where."""

    def record(state: Any, silent: bool) -> bool:
        start = state.pos
        if not silent and name in ("emphasis", "strikethrough") and state.src[start] in "*_~" and state.pending:
            state.pushPending()
        before, pending = len(state.tokens), len(state.pending)
        seen = state.env.get("seen")
        known = len(seen) if seen is not None else 0
        matched = rule(state, silent)
        if name == "image" and seen is not None:  # the parser reads its label apart, counting from its beginning
            del seen[known:]
        if not matched or silent or seen is None:
            return matched
        new = state.tokens[before:]
        if name in ("emphasis", "strikethrough"):
            at = start
            for token in new:
                seen.append((name, token, at, at + len(token.content), None))
                at += len(token.content)
        else:
            token = new[-1] if new else None
            extra: Any = None
            if name in ("escape", "entity"):
                extra = token.content if token is not None and token.type != "hardbreak" else state.pending[pending:]
            elif name == "link":
                extra = _link(state, start, state.pos)
            elif name == "image":
                label, title, _ = _link(state, start + 1, state.pos)
                extra = (start + 2, label) if label > start + 2 else None, title
            seen.append((name, token, start, state.pos, extra))
        return matched

    return record


def _link(state: Any, start: int, end: int) -> tuple[int, Span | None, str]:
    """Of a link or picture from `start` to `end`: where its label ends, where its title stands, what closes it with another label."""
    helpers = state.md.helpers
    label = helpers.parseLinkLabel(state, start, True)
    if state.src[label + 1 : label + 2] != "(" or state.src[end - 1] != ")":
        closing = state.src[label:end]
        return label, None, f"][{state.src[start + 1 : label]}]" if closing in ("]", "][]") else ""
    at = label + 2
    while at < end and state.src[at] in " \t\n":
        at += 1
    target = helpers.parseLinkDestination(state.src, at, end)
    at = target.pos if target.ok else at
    while at < end and state.src[at] in " \t\n":
        at += 1
    title = helpers.parseLinkTitle(state.src, at, end)
    return label, (at + 1, title.pos - 1) if title.ok and title.pos - at > 2 else None, ""


def _note(state: Any, silent: bool) -> bool:
    match = _NOTE.match(state.src, state.pos, state.posMax)
    if match:
        if not silent:
            state.push("note", "sup", 0)
        state.pos = match.end()
    return match is not None


def _footnote(state: Any, start: int, end: int, silent: bool) -> bool:
    """``[^1]: text``, with the indented lines after it: a container of blocks, as in mdit-py-plugins."""
    begin, maximum = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    match = _NOTE.match(state.src, begin, maximum)
    if state.is_code_block(start) or not match or state.src[match.end() : match.end() + 1] != ":":
        return False
    if silent:
        return True
    at = match.end() + 1
    offset = initial = state.sCount[start] + at - begin
    while at < maximum and state.src[at] in " \t":
        offset += 4 - offset % 4 if state.src[at] == "\t" else 1
        at += 1
    kept = state.bMarks[start], state.tShift[start], state.sCount[start], state.parentType
    state.push("footnote_open", "", 1)
    state.bMarks[start], state.tShift[start], state.sCount[start] = match.end() + 1, at - match.end() - 1, offset - initial
    state.blkIndent += 4
    state.parentType = "footnote"
    state.sCount[start] += state.blkIndent if state.sCount[start] < state.blkIndent else 0
    state.md.block.tokenize(state, start, end)
    state.blkIndent -= 4
    state.bMarks[start], state.tShift[start], state.sCount[start], state.parentType = kept
    state.push("footnote_close", "", -1)
    return True
