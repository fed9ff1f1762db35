"""XML from outside, read safely and piece by piece: the elements that a caller asks for, one after the other, in flat memory.

Nothing is loaded or expanded: a plain DOCTYPE (``<!DOCTYPE tmx SYSTEM "tmx14.dtd">``, which many tools write) is passed over,
one with an internal subset, where entities are declared, is refused, and so is any entity that XML itself does not know, any
reference to another file, and more elements inside one another than a format needs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

_CHUNK = 1 << 16


@dataclass(slots=True)
class Node:
    """An element: its local name, attributes by local name, line, namespace, and text and elements in order."""

    tag: str
    attributes: dict[str, str]
    line: int
    parts: list[str | Node] = field(default_factory=list)
    space: str = ""

    @property
    def children(self) -> list[Node]:
        """The elements right inside, in order."""
        return [part for part in self.parts if isinstance(part, Node)]


class Refused(Exception):
    """What ends the reading at once; ``args[0]`` is the line and what is wrong with it."""


def read_elements(
    data: bytes | str,
    roots: Collection[str],
    wanted: Collection[str],
    what: str,
    *,
    opened: Collection[str] = (),
    deepest: int = 64,
) -> Iterator[Node]:
    """The elements named `wanted` (local names), whole, as they end; those named `opened`, without content, as they begin.

    `roots`: what the root may be called; `what`: how the format is called in messages; `deepest`: elements inside one another.
    Raises `Refused` with the line and what to do, after all elements before it.

    >>> [(n.tag, n.parts) for n in read_elements("<a><b>un</b><c/><b>deux</b></a>", {"a"}, {"b"}, "an A")]
    [('b', ['un']), ('b', ['deux'])]
    """
    parser = expat.ParserCreate("utf-8" if isinstance(data, str) else None, " ")
    parser.buffer_text = True
    refuse = _guarded(parser)
    stack: list[Node] = []
    depth = events = 0
    done: list[Node] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, events
        events += 1
        space, _, tag = name.rpartition(" ")
        if depth == 0 and tag not in roots:
            are = " or ".join(f"<{root}>" for root in sorted(roots, reverse=True))
            refuse(f"is not {what}: the root is <{_shown(tag)}>; give a file whose root is {are}")
        if depth >= deepest:
            refuse(f"has more than {deepest} elements inside one another; export the file again")
        depth += 1
        named = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if stack or tag in wanted:
            node = Node(tag, named, parser.CurrentLineNumber, space=space)
            if stack:
                stack[-1].parts.append(node)
            stack.append(node)
        elif tag in opened:
            done.append(Node(tag, named, parser.CurrentLineNumber, space=space))

    def end(_: str) -> None:
        nonlocal depth, events
        events += 1
        depth -= 1
        if stack:
            node = stack.pop()
            if not stack:
                done.append(node)

    def text(data: str) -> None:
        if stack:
            stack[-1].parts.append(data)

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    data = data.removeprefix("\ufeff").encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        at, size, before, last = 0, _CHUNK, 0, False
        while not last:
            last = at + size >= len(data)
            parser.Parse(data[at : at + size], last)
            yield from done
            done.clear()
            # A tag that goes on and on is read from its beginning with every chunk: longer chunks keep that linear.
            at, size, before = at + size, _CHUNK if events > before else 2 * size, events
    except expat.ExpatError as error:
        yield from done
        problem = (
            f"is not well-formed XML ({expat.ErrorString(error.code)}, column {error.offset + 1}); correct it or export it again"
        )
        raise Refused((error.lineno, problem)) from None
    except (ValueError, LookupError) as error:  # an encoding that Python does not know, or not byte by byte
        raise Refused((1, f"has an encoding that cannot be read ({error}); save it as UTF-8")) from None


def _guarded(parser: Any) -> Callable[[str], None]:
    """Have `parser` refuse whatever declares or refers; what is given refuses at the place where the parser is."""

    def refuse(problem: str) -> None:
        raise Refused((parser.CurrentLineNumber, problem))

    def doctype(name: str, system: str | None, public: str | None, internal: int) -> None:
        if internal:
            refuse("has a DOCTYPE with an internal subset, which is never read; remove what stands in [ ]")

    def entity(*_: Any) -> None:
        refuse("declares an entity, which is never read; write the characters themselves")

    def skipped(name: str, _: bool) -> None:
        refuse(f"has the entity &{_shown(name)};, which XML does not know; write the character itself")

    def external(*_: Any) -> int:
        refuse("refers to another file, which is never read; write its content here")
        return 0

    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler, parser.EntityDeclHandler, parser.SkippedEntityHandler = doctype, entity, skipped
    parser.ExternalEntityRefHandler = external
    return refuse


@dataclass(slots=True, eq=False)
class Stretch:
    """What stands between tags: ``span`` of the text as it is written, and ``text`` as it reads; None for comments and the like."""

    span: tuple[int, int]
    text: str | None


@dataclass(slots=True, eq=False)
class Element:
    """An element with its place: ``opens`` and ``closes`` are the spans of its tags; that of the closing one is empty for ``<a/>``.

    ``name`` and the names of ``attributes`` have the prefixes that the caller gave their namespaces, whatever the text calls them; those
    of other namespaces have ``?``.
    """

    name: str
    attributes: dict[str, str]
    opens: tuple[int, int]
    parent: Element | None = None
    closes: tuple[int, int] = (0, 0)
    items: list[Element | Stretch] = field(default_factory=list)

    @property
    def span(self) -> tuple[int, int]:
        """From its first letter to its last."""
        return self.opens[0], self.closes[1]

    @property
    def children(self) -> list[Element]:
        """The elements right inside, in order."""
        return [item for item in self.items if isinstance(item, Element)]

    def walk(self) -> Iterator[Element]:
        """The element and all that stand in it, in the order in which they open."""
        stack = [self]
        while stack:
            above = stack.pop()
            yield above
            stack += reversed(above.children)


def read_tree(text: str, prefixes: Mapping[str, str], *, deepest: int = 200, most: int = 2_000_000) -> Element:
    """The whole of an XML text as elements and stretches that know where in it they are written. `prefixes`: by namespace.

    Raises `Refused` as `read_elements` does, and for more than `most` elements and stretches, each of which takes some 300 bytes.
    A declaration of another encoding is nobody's business any more: `text` is decoded.

    >>> root = read_tree('<x:a xmlns:x="urn:a">1 &lt; <b/></x:a>', {"urn:a": "n"})
    >>> root.name, [(i.span, i.text) if isinstance(i, Stretch) else i.name for i in root.items]
    ('n:a', [((21, 23), '1 '), ((23, 27), '<'), ((27, 28), ' '), 'b'])
    """
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = False
    refuse = _guarded(parser)
    data = text.encode("utf-8", "surrogatepass")
    top = Element("", {}, (0, 0))
    current, depth, left, literal = top, 0, most, False
    at = before = 0  # the same place, in letters and in bytes
    pending: Element | Stretch | None = None
    closing: Element | None = None

    def here() -> int:
        """Where the parser is, in letters; what came before ends there."""
        nonlocal at, before, pending, closing
        byte = parser.CurrentByteIndex
        at, before = at + (byte - before if ascii_only else len(data[before:byte].decode("utf-8", "surrogatepass"))), byte
        if closing is not None:
            closing.closes = closing.closes[0], at
        elif isinstance(pending, Element):
            pending.opens = pending.opens[0], at
        elif pending is not None:
            pending.span = pending.span[0], at
        pending = closing = None
        return at

    def named(name: str) -> str:
        space, _, local = name.rpartition(" ")
        return f"{prefixes.get(space, '?')}:{local}" if space else local

    def counted() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            refuse(f"has more than {most} tags and stretches of text; split the document")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal current, depth, pending
        place = here()
        counted()
        if depth >= deepest:
            refuse(f"has more than {deepest} elements inside one another")
        depth += 1
        pending = Element(named(name), {named(key): value for key, value in attributes.items()}, (place, place), current)
        current.items.append(pending)
        current = pending

    def end(_: str) -> None:
        nonlocal current, depth, closing
        depth -= 1
        place = here()
        closing, current.closes = current, (place, place)
        assert current.parent is not None
        current = current.parent

    def stretch(value: str | None) -> None:
        nonlocal pending
        place = here()
        counted()
        pending = Stretch((place, place), None if literal else value)
        current.items.append(pending)

    def cdata(on: bool) -> None:
        nonlocal literal
        literal = True
        stretch(None)
        literal = on

    ascii_only = len(data) == len(text)
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, stretch
    parser.DefaultHandler = lambda _: stretch(None)
    parser.CommentHandler = lambda _: stretch(None)
    parser.ProcessingInstructionHandler = lambda *_: stretch(None)
    parser.StartCdataSectionHandler, parser.EndCdataSectionHandler = lambda: cdata(True), lambda: cdata(False)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        problem = f"is not well-formed XML ({expat.ErrorString(error.code)}, column {error.offset + 1})"
        raise Refused((error.lineno, problem)) from None
    here()
    return top.children[0]


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
