"""XLIFF 2.1 (OASIS Standard, 2018): units with their terms as annotations and a glossary beside them.

A sentence is a ``<unit>`` of one ``<segment>`` with the segment's id. Terms are ``<mrk type="term">`` in both languages, each
explained by an entry of the unit's glossary (module ``gls``, section 5.2 of the standard), whose ``ref`` leads to it. ``state``
is ``translated`` until a person has reviewed the sentence (``reviewed``), ``initial`` where it failed; ``subState`` is the
origin. The lines of the JSONL are metadata (module ``mda``). Characters that XML cannot hold are ``<cp hex="…"/>``.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from bilingual.document import Document, Segment, Span
from bilingual.errors import InputError
from bilingual.markup import Node, Refused, read_elements
from bilingual.writing.exchange.carried import (
    NOT_XML,
    Exchange,
    Unit,
    check_languages,
    has_english,
    head_lines,
    lines,
    notes_on,
    rebuilt,
    shown,
    text_in,
    xml,
)
from bilingual.writing.exchange.xliff import check_version
from bilingual.writing.receipt import french_of, notice

SPACE = "urn:oasis:names:tc:xliff:document:2.0"
GLOSSARY = "urn:oasis:names:tc:xliff:glossary:2.0"
METADATA = "urn:oasis:names:tc:xliff:metadata:2.0"
SPACES = (SPACE, "urn:oasis:names:tc:xliff:document:2.2")
_GROUP = "bilingual"
_REVIEWED = frozenset({"reviewed", "final"})


def to_xliff2(document: Document) -> str:
    """A document as XLIFF 2.1, one unit a sentence, with states, terms, notes and the lines of its JSONL.

    The same document gives the same bytes.

    >>> from bilingual.document import Block, TermHit
    >>> hit = TermHit((3, 7), "chip", (4, 8), "kept")
    >>> block = Block(1, "paragraph", "", segments=(Segment("p1.s1", "La puce.", target="The chip.", terms=(hit,)),))
    >>> [line.strip() for line in to_xliff2(Document("a.txt", (block,))).split("\\n") if "<target" in line]
    ['<target>The <mrk id="t1" type="term">chip</mrk>.</target>']
    """
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<xliff version="2.1" srcLang="fr" trgLang="en" xmlns="{SPACE}"\n       xmlns:gls="{GLOSSARY}" xmlns:mda="{METADATA}">\n'
        f'  <file id="f1" original={quoteattr(shown(document.name))} canResegment="no" xml:space="preserve">\n',
        _metadata(head_lines(document), "    "),
        f'    <notes><note id="n1">{xml(notice(document))}</note></notes>\n',
    ]
    for segment, line in lines(document):
        parts += _unit(segment, line)
    return "".join((*parts, "  </file>\n</xliff>\n"))


def _metadata(carried: Iterable[str], margin: str) -> str:
    metas = "".join(f'<mda:meta type="line">{xml(line)}</mda:meta>' for line in carried)
    return f'{margin}<mda:metadata><mda:metaGroup category="{_GROUP}">{metas}</mda:metaGroup></mda:metadata>\n'


def _unit(segment: Segment, line: str) -> Iterable[str]:
    sources = _disjoint(((term.source, f"t{n}") for n, term in enumerate(segment.terms, 1)), len(segment.source))
    marked = {name for _, name in sources}
    found = ((term.target, f"t{n}") for n, term in enumerate(segment.terms, 1) if term.target and f"t{n}" in marked)
    targets = _disjoint(found, len(segment.target))
    yield f'    <unit id={quoteattr(segment.id)} type="bilingual:{segment.block}">\n'
    if sources:
        yield "      <gls:glossary>\n"
        for n, term in enumerate(segment.terms, 1):
            if f"t{n}" in marked:
                yield (
                    f'        <gls:glossEntry ref="#t{n}"><gls:term>{xml(term.entry or french_of(segment, term))}</gls:term>'
                    f"<gls:translation>{xml(term.wanted)}</gls:translation></gls:glossEntry>\n"
                )
        yield "      </gls:glossary>\n"
    yield _metadata([line], "      ")
    if notes := notes_on(segment):
        inner = "".join(f'<note id="n{n}" appliesTo="target">{xml(note)}</note>' for n, note in enumerate(notes, 1))
        yield f"      <notes>{inner}</notes>\n"
    state = "reviewed" if segment.origin == "post-edited" else "translated" if has_english(segment) else "initial"
    yield f'      <segment state="{state}" subState="bilingual:{segment.origin}">\n'
    yield f"        <source>{_marked(segment.source, sources)}</source>\n"
    if has_english(segment):
        yield f"        <target>{_marked(segment.target, targets)}</target>\n"
    yield "      </segment>\n    </unit>\n"


def _disjoint(spans: Iterable[tuple[Span, str]], length: int) -> list[tuple[Span, str]]:
    """The spans in order, without those that overlap one before them or reach outside the text."""
    kept: list[tuple[Span, str]] = []
    for span, name in sorted(spans):
        if (kept[-1][0][1] if kept else 0) <= span[0] < span[1] <= length:
            kept.append((span, name))
    return kept


def _marked(text: str, spans: Iterable[tuple[Span, str]]) -> str:
    parts, end = [], 0
    for (start, stop), name in spans:
        parts += [_exact(text[end:start]), f'<mrk id="{name}" type="term">{_exact(text[start:stop])}</mrk>']
        end = stop
    return "".join((*parts, _exact(text[end:])))


def _exact(text: str) -> str:
    return NOT_XML.sub(lambda char: f'<cp hex="{ord(char[0]):04X}"/>', escape(text, {"\r": "&#13;"}))


def read_xliff2(data: bytes, name: str) -> Exchange:
    """The pairs of an XLIFF 2.x file, and the terms of its glossaries; codes are left out, marks and spans looked through.

    A unit that this tool wrote is one pair, however a tool has cut it; in other files each segment is. Raises `InputError` in
    one line where it is not XLIFF 2.x, is broken, not from French into English, or its lines of ours are broken.
    """
    head: list[str] = []
    units: list[Unit] = []
    carried: list[tuple[str, Unit]] = []
    terms: dict[tuple[str, str], None] = {}
    try:
        for node in read_elements(data, {"xliff"}, {"unit", "metadata"}, "XLIFF", opened=("xliff",)):
            place = f"{name}:{node.line}"
            if node.tag == "xliff":
                check_version(node, SPACES, place)
                check_languages(node.attributes.get("srcLang", ""), node.attributes.get("trgLang", ""), place)
            elif node.tag == "metadata":
                head += _carried(node)
            else:
                own = [line for child in node.children if child.tag == "metadata" for line in _carried(child)]
                found = list(_read_unit(node, bool(own), place, len(units) + 1))
                units += found
                carried += [(line, found[0]) for line in own[:1]]
                terms.update(dict.fromkeys(_terms(node)))
    except Refused as refused:
        line, what = refused.args[0]
        raise InputError(f"{name}:{line}: {what}") from None
    return Exchange(name, tuple(units), rebuilt(head, carried, name), tuple(terms))


def _carried(metadata: Node) -> list[str]:
    groups = [child for child in metadata.children if child.attributes.get("category") == _GROUP and child.space == METADATA]
    return [text_in(meta, METADATA) for group in groups for meta in group.children if meta.attributes.get("type") == "line"]


def _read_unit(node: Node, whole: bool, place: str, number: int) -> Iterable[Unit]:
    identity = node.attributes.get("id", "") or f"unit{number}"
    pieces = [child for child in node.children if child.tag in ("segment", "ignorable") and child.space == node.space]
    read = [_sides(piece, place) for piece in pieces]
    if not read:
        raise InputError(f"{place}: a <unit> without <segment>; export the file again")
    states = [piece.attributes.get("state", "") in _REVIEWED for piece in pieces if piece.tag == "segment"]
    if whole or len(read) == 1:
        targets = [target for _, target in read]
        # between two translated segments an ignorable without a target stands as it is in the source
        english = None if all(t is None for t in targets) else "".join(s if t is None else t for s, t in read)
        yield Unit(identity, "".join(source for source, _ in read), english, place, confirmed=bool(states) and all(states))
        return
    for count, (piece, (source, target)) in enumerate(zip(pieces, read, strict=True), 1):
        if piece.tag == "segment":
            own = piece.attributes.get("id", "") or str(count)
            yield Unit(f"{identity}.{own}", source, target, place, confirmed=piece.attributes.get("state", "") in _REVIEWED)


def _sides(piece: Node, place: str) -> tuple[str, str | None]:
    sides = {child.tag: child for child in piece.children if child.space == piece.space}
    if "source" not in sides:
        raise InputError(f"{place}: a <segment> without <source>; export the file again")
    return text_in(sides["source"], piece.space), text_in(sides["target"], piece.space) if "target" in sides else None


def _terms(node: Node) -> Iterable[tuple[str, str]]:
    for glossary in (child for child in node.children if child.tag == "glossary" and child.space == GLOSSARY):
        for entry in glossary.children:
            words = {tag: [text_in(c, GLOSSARY) for c in entry.children if c.tag == tag] for tag in ("term", "translation")}
            yield from ((words["term"][0].strip(), english.strip()) for english in words["translation"] if words["term"])
