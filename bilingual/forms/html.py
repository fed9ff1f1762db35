"""Pages of HTML with the places of their words: main text found, boilerplate left alone, entities read.

The tags are found by a small scanner of its own, in linear time, whatever the page: `html.parser` gives no offsets of entities and has
been quadratic on broken tags. What is main text is decided by what pages say of themselves (``<article>``, ``<main>``), else by
which element holds the most running text outside of links (as in Readability); navigation, forms, share bars are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape

from bilingual.document import Mark, Place, Span
from bilingual.forms.found import Found, trimmed
from bilingual.forms.markdown import shown_code
from bilingual.forms.tags import Tag, attributes, scan

_ENTITY = re.compile(r"&(?:#[xX][0-9A-Fa-f]{1,6}|#\d{1,7}|[A-Za-z][A-Za-z0-9]{1,31});?")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_SHOWN = re.compile(r"\s(?:alt|title)\s*=\s*(?:\"([^\"]+)\"|'([^']+)')", re.IGNORECASE)
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd label mark math object picture q ruby s samp small"
    " span strike strong sub sup svg time tt u var wbr".split()
)
_SKIPPED = frozenset(
    "nav aside footer form button select option dialog svg math canvas audio video object script style noscript template iframe"
    " textarea menu pre head".split()
)
_NO_WORDS = frozenset("svg math canvas audio video object script style template iframe pre head".split())
_LANGUAGE = re.compile(r"\s(?:xml:)?lang\s*=\s*[\"']?(fr[\w-]*)", re.IGNORECASE)
_CODE = frozenset({"code", "kbd", "samp", "tt", "var"})
_BOILER = re.compile(
    r"(?:^|[\s_-])(?:nav|menu|sidebar|share|sharing|social|partage|comments?|commentaires?|related|newsletter|cookies?|consent|breadcrumbs?|"
    r"promo|advert\w*|ads?|publicite|sponsor\w*|banner|footer|toolbar|pagination|skip-link|tags?-list|popup|modal|paywall)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HEADING = re.compile(r"h[1-6]$")
DEEPEST = 400
"""Elements inside one another beyond which a page is flat: what is deeper counts as standing there."""


@dataclass(slots=True)
class _Element:
    name: str
    tag: Tag | None
    parent: _Element | None
    depth: int = 0
    skipped: bool = False
    kept: bool = False
    words: int = 0  # letters of running text right inside, and half of what is a level below
    linked: int = 0
    items: list[_Element | Tag] = field(default_factory=list)
    end: Tag | None = None


def read_html(text: str, *, book: bool = False) -> tuple[list[Found], tuple[tuple[Span, str], ...]]:
    """The blocks of the main text of a page, and what else is to be written anew (its language). `book`: all of its text is main text.

    >>> found, _ = read_html("<nav>Menu</nav><article><h1>Le tram</h1><p>Il <b>roule</b>&nbsp;!</p></article>")
    >>> [(f.marker, f.text, [m.kind for m in f.place.marks]) for f in found]
    [('heading', 'Le tram', []), ('', 'Il roule\\xa0!', ['b'])]
    """
    root, swaps = _tree(text, _NO_WORDS if book else _SKIPPED)
    main = root if book else _main(root, text)
    found: list[Found] = []
    if main is not root and not any(e.name == "h1" for e in _all(main)):
        found += [item for e in _all(root) if e.name == "h1" for item in _blocks(e, text, "heading", "#", True)][:1]
    found += _walk(main, text, "", "")
    return found, tuple(swaps)


def _tree(text: str, skipped: frozenset[str]) -> tuple[_Element, list[tuple[Span, str]]]:
    root = current = _Element("", None, None)
    swaps: list[tuple[Span, str]] = []
    for tag in scan(text):
        if tag.kind == "open":
            current = _implied(current, tag.name)
            element = _Element(tag.name, tag, current, current.depth + 1, current.skipped)
            raw = text[tag.start : tag.end]
            if tag.name in ("html", "body"):
                for match in _LANGUAGE.finditer(raw):
                    swaps.append(((tag.start + match.start(1), tag.start + match.end(1)), "en"))
            if not element.skipped:
                all_text = skipped is _NO_WORDS
                unread = " " in raw and (_is_hidden(attributes(raw)) if all_text else _is_boilerplate(raw, tag.name))
                element.skipped = tag.name in skipped or unread
            current.items.append(element)
            if element.depth < DEEPEST:
                current = element
        elif tag.kind == "close":
            above: _Element | None = current
            while above is not None and above.name != tag.name:
                above = above.parent if above.name in _INLINE or tag.name not in _INLINE else None
            if above is not None and above.parent is not None:
                above.end = tag
                current = above.parent
            else:
                current.items.append(replace(tag, kind="other"))
        else:
            current.items.append(tag)
    return root, swaps


_CLOSES = {
    "li": {"li"},
    "p": {"p"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "tr": {"tr", "td", "th"},
    "td": {"td", "th"},
    "th": {"td", "th"},
}
_WALLS = frozenset({"ul", "ol", "table", "blockquote", "div", "article", "section", "dl", "main", "body", "td"})


def _implied(current: _Element, name: str) -> _Element:
    """The element that a new one stands in: an open paragraph ends where a block begins, an item where the next begins."""
    closed = _CLOSES.get(name, set()) | ({"p"} if name not in _INLINE else set())
    above: _Element | None = current
    inner = 0
    while above is not None and above.parent is not None and inner < 20:
        if above.name in closed:
            return above.parent
        if above.name in _WALLS:
            break
        above, inner = above.parent, inner + 1
    return current


def _is_boilerplate(raw: str, name: str) -> bool:
    if name in ("html", "body", "article", "main"):
        return False
    found = attributes(raw)
    if _is_hidden(found):
        return True
    if found.get("role") in ("navigation", "complementary", "search", "banner", "contentinfo", "dialog"):
        return True
    return name not in _INLINE and any(_BOILER.search(found.get(key, "")) for key in ("class", "id"))


def _is_hidden(found: dict[str, str]) -> bool:
    return "hidden" in found or found.get("aria-hidden") == "true" or found.get("translate") == "no"


def _all(element: _Element) -> Iterator[_Element]:
    stack = [element]
    while stack:
        above = stack.pop()
        if not above.skipped or above is element:
            yield above
            stack += [item for item in reversed(above.items) if isinstance(item, _Element)]


def _main(root: _Element, text: str) -> _Element:
    """The element that holds the article."""
    best: _Element | None = None
    told: list[_Element] = []
    for element in list(_all(root)):
        if element.name in ("article", "main"):
            told.append(element)
        if element.name in ("p", "li", "blockquote") and element.parent is not None:
            size, linked = _sizes(element, text)
            if size < 25:
                continue
            parent, share = element.parent, 2
            for _ in range(2):
                parent.words += size * share // 2
                parent.linked += linked * share // 2
                share = 1
                if parent.parent is None:
                    break
                parent = parent.parent
    sizes = {id(element): _sizes(element, text)[0] for element in told}
    if told:
        best = max(told, key=lambda e: (sizes[id(e)], e.depth))
        if sizes[id(best)] >= 1:
            return best
    scored = [e for e in _all(root) if e.words]
    if not scored:
        return root
    best = max(scored, key=lambda e: e.words - 2 * e.linked)
    whole = _sizes(root, text)[0]
    return best if _sizes(best, text)[0] >= 0.5 * whole or whole > 2000 else root


def _sizes(element: _Element, text: str) -> tuple[int, int]:
    """Letters in an element, and those in links."""
    size = linked = 0
    stack: list[tuple[_Element, bool]] = [(element, False)]
    while stack:
        above, link = stack.pop()
        for item in above.items:
            if isinstance(item, _Element):
                if not item.skipped:
                    stack.append((item, link or item.name == "a"))
            elif item.kind == "text":
                length = len(text[item.start : item.end].strip())
                size += length
                linked += length if link else 0
    return size, linked


def _walk(element: _Element, text: str, marker: str, sign: str) -> Iterator[Found]:
    """The blocks in an element, in order."""
    stack: list[tuple[_Element, str, str]] = [(element, marker, sign)]
    first = True
    while stack:
        element, marker, sign = stack.pop()
        if _HEADING.match(element.name):
            marker, sign = "heading", "#" * int(element.name[1])
        elif element.name == "blockquote":
            marker, sign = "quote", ">"
        elif element.name in ("li", "td", "th", "dt", "dd", "summary"):
            marker, sign = "bullet", "-"
        elif element.name in ("figcaption", "caption"):
            marker, sign = "caption", ""
        inner = [item for item in element.items if isinstance(item, _Element) and not _flows(item)]
        if not inner:
            for found in _blocks(element, text, marker, sign, first or marker != "bullet"):
                yield found
                first = False
            continue
        run: list[_Element | Tag] = []
        queue: list[tuple[_Element, str, str]] = []
        for item in [*element.items, None]:
            if isinstance(item, Tag) or (item is not None and _flows(item)):
                run.append(item)
                continue
            if run:
                queue.append((_Element(element.name if marker else "", None, element, items=run), marker, sign))
                run = []
            if item is not None and not item.skipped:
                queue.append((item, marker, sign))
        stack += reversed(queue)


def _flows(element: _Element) -> bool:
    """Whether an element is part of a line of text, with all that is in it."""
    if element.skipped:
        return element.name in _INLINE or element.name in ("svg", "math", "button", "script", "style")
    stack = [element]
    while stack:
        above = stack.pop()
        if above.name not in _INLINE:
            return above.skipped
        stack += [item for item in above.items if isinstance(item, _Element)]
    return True


def _blocks(element: _Element, text: str, marker: str, sign: str, gap: bool) -> Iterator[Found]:
    """The lines of an element without blocks in it: one, or more where it has line breaks outside of marks."""
    lines: list[list[_Element | Tag]] = [[]]
    for item in element.items:
        if isinstance(item, Tag) and item.name == "br":
            lines.append([])
        else:
            lines[-1].append(item)
    for line in lines:
        found = _line(line, text)
        if found is not None and any(map(str.isalnum, found.text)):
            yield trimmed(replace(found, marker=marker, sign=sign, gap=gap))
            gap = False
        yield from _captions(line, text)


def _is_note(element: _Element, text: str) -> bool:
    """Whether an element is the sign of a footnote: a raised number or star."""
    if element.name != "sup" or element.tag is None or element.end is None:
        return False
    shown = re.sub(r"<[^<>]*>", "", text[element.tag.start : element.end.end][:1000]).strip("[]() \t\r\n")
    linked = "<a" in text[element.tag.end : element.end.start][:1000]  # m<sup>2</sup> is none
    return re.fullmatch(r"\d{1,3}|[a-z]" if linked else r"[*†‡§]{1,3}", shown) is not None


def _captions(items: list[_Element | Tag], text: str) -> Iterator[Found]:
    """Alternative texts and titles of pictures in a line."""
    stack = list(reversed(items))
    while stack:
        item = stack.pop()
        if isinstance(item, _Element):
            stack += reversed(item.items if not item.skipped else [])
        elif item.name == "img":
            for match in _SHOWN.finditer(text, item.start, item.end):
                group = 1 if match[1] else 2
                found = _line([Tag("text", match.start(group), match.end(group))], text)
                if found is not None and any(map(str.isalnum, found.text)):
                    yield trimmed(replace(found, marker="caption", gap=False, place=replace(found.place, style="attribute")))


def _line(items: list[_Element | Tag], text: str) -> Found | None:
    shown: list[str] = []
    runs: list[tuple[Span, Span]] = []
    marks: list[Mark] = []
    length = 0

    def write(letters: str, raw: Span) -> None:
        nonlocal length
        if letters:
            runs.append(((length, length + len(letters)), raw))
            shown.append(letters)
            length += len(letters)

    def put(tag: Tag) -> None:
        at = tag.start
        for match in re.finditer(rf"{_ENTITY.pattern}|{_SPACE.pattern}", text[tag.start : tag.end]):
            begin, end = tag.start + match.start(), tag.start + match.end()
            write(text[at:begin], (at, begin))
            if match.group()[0] == "&":
                write(unescape(match.group()), (begin, end))
            elif not shown or not shown[-1][-1:].isspace() or shown[-1][-1:] in "\xa0\u202f":
                write(" ", (begin, end))
            at = end
        write(text[at : tag.end], (at, tag.end))

    stack: list[_Element | Tag | tuple[int, _Element]] = list(reversed(items))
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            number, element = item
            closes = (element.end.start, element.end.end) if element.end else None
            if closes is None:
                marks[number] = replace(marks[number], span=(marks[number].span[0],) * 2)
            else:
                marks[number] = replace(marks[number], span=(marks[number].span[0], length), closes=closes)
        elif isinstance(item, Tag):
            if item.kind == "text":
                put(item)
            else:
                marks.append(Mark((length, length), item.name or "other", (item.start, item.end)))
                if item.name == "br":
                    write(" ", (item.end, item.end))
        elif item.tag is not None:
            opens = (item.tag.start, item.tag.end)
            inner = "".join(text[i.start : i.end] for i in item.items if isinstance(i, Tag) and i.kind == "text")
            code = (
                item.name in _CODE
                and shown_code(unescape(inner))
                and all(isinstance(i, Tag) and i.kind == "text" for i in item.items)
            )
            if code and item.end:
                whole = (item.tag.start, item.end.end)
                marks.append(Mark((length, length + len(unescape(inner)) + 2), "code", whole, (whole[1], whole[1])))
                write(f"`{unescape(inner)}`", whole)
            elif item.skipped or (item.end and (item.name in _CODE or _is_note(item, text))):
                if item.end:
                    marks.append(Mark((length, length), item.name, (item.tag.start, item.end.end)))
            else:
                marks.append(Mark((length, length), item.name, opens))
                stack.append((len(marks) - 1, item))
                stack += reversed(item.items)
    if not runs:
        return None
    edges = [raw for _, raw in runs] + [m.opens for m in marks] + [m.closes for m in marks if m.closes != (0, 0)]
    place = Place(0, (min(a for a, _ in edges), max(b for _, b in edges)), tuple(runs), tuple(marks))
    return Found("".join(shown), place)
