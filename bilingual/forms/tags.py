"""The tags and texts of a page of HTML, by a scanner that is linear in time whatever the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

_NAME = re.compile(r"[A-Za-z][^\s/>]*")
_ATTRIBUTE = re.compile(r"([^\s=\"'<>/]+)\s*(?:=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
_QUOTE = re.compile(r"=\s*([\"'])")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_RAW = frozenset({"script", "style", "textarea", "title", "noscript", "iframe", "xmp", "noembed", "noframes", "template"})


@dataclass(slots=True)
class Tag:
    """A tag or a stretch of text: ``kind`` is ``open``, ``close``, ``empty``, ``text`` or ``other`` (comments, doctype, raw elements)."""

    kind: str
    start: int
    end: int
    name: str = ""


def scan(text: str) -> Iterator[Tag]:
    """The tags and texts of a page, in order, covering it.

    >>> [(t.kind, t.name) for t in scan("<p>Un<br>mot<!-- x --></p>")]
    [('open', 'p'), ('text', ''), ('empty', 'br'), ('text', ''), ('other', ''), ('close', 'p')]
    """
    position = at = 0
    ended: set[str] = set()  # what does not come any more: looked for once
    while (at := text.find("<", at)) >= 0:
        tag = _tag(text, at, ended)
        if tag is None:
            at += 1
            continue
        if at > position:
            yield Tag("text", position, at)
        yield tag
        position = at = tag.end
        if tag.kind == "open" and tag.name in _RAW:
            closing = re.compile(rf"</{re.escape(tag.name)}(?=[\s/>])", re.IGNORECASE)
            found = None if tag.name in ended else closing.search(text, at)
            if found is None:
                ended.add(tag.name)
                continue
            yield Tag("other", at, found.start(), tag.name)
            position = at = found.start()
    if position < len(text):
        yield Tag("text", position, len(text))


def _tag(text: str, at: int, ended: set[str]) -> Tag | None:
    if text.startswith("<!--", at):
        end = text.find("-->", at + 4)
        return Tag("other", at, end + 3 if end >= 0 else len(text))
    if text[at + 1 : at + 2] in ("!", "?"):
        end = text.find(">", at)
        return Tag("other", at, end + 1 if end >= 0 else len(text))
    closes = text[at + 1 : at + 2] == "/"
    name = _NAME.match(text, at + 1 + closes)
    if name is None:
        return None
    position = name.end()
    while True:
        end = text.find(">", position) if ">" not in ended else -1
        if end < 0:
            ended.add(">")
            return None
        quote = _QUOTE.search(text, position, end)
        if quote is None:
            break
        begin = quote.end()
        closing = text.find(quote[1], begin) if quote[1] not in ended else -1
        if closing < 0:
            ended.add(quote[1])
            break
        position = closing + 1
    kind = "close" if closes else "empty" if name.group().lower() in _VOID or text[end - 1] == "/" else "open"
    return Tag(kind, at, end + 1, name.group().lower())


def attributes(raw: str) -> dict[str, str]:
    """The attributes of a tag, names in lower case, entities read.

    >>> attributes('<a HREF="x?a&amp;b" hidden>')
    {'href': 'x?a&b', 'hidden': ''}
    """
    name = _NAME.match(raw, 1)
    body = raw[name.end() if name else 1 : -1][:20_000]
    return {m[1].lower(): unescape((m[2] or "").strip("\"'")) for m in _ATTRIBUTE.finditer(body)}
