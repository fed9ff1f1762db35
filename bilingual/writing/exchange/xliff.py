"""XLIFF 1.2 (OASIS Standard, 2008), the bilingual format that most translation tools open.

A sentence is a ``<trans-unit>`` with the segment's id. What nobody has reviewed is ``needs-review-translation``, with
``approved="no"``; what a person has corrected is ``translated`` and approved. Terms and doubts are notes: marks inside the text
(``<mrk mtype="term">``) would be tags that a translator has to carry along in most tools. The lines of the JSONL are an
``<internal-file>`` in the header and a ``<context>`` in each unit, which tools keep and do not show.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from bilingual.document import Document, Segment
from bilingual.errors import InputError
from bilingual.markup import Node, Refused, read_elements
from bilingual.writing.exchange.carried import (
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
    version,
    xml,
)
from bilingual.writing.receipt import notice

SPACE = "urn:oasis:names:tc:xliff:document:1.2"
SPACES = (SPACE, "urn:oasis:names:tc:xliff:document:1.1", "")
_FORM = "application/x-bilingual-jsonl"
_CONTEXT = "x-bilingual"
_CODES = frozenset({"bpt", "ept", "ph", "it", "sub"})
_STATES = {
    "mt": 'state="needs-review-translation" state-qualifier="leveraged-mt"',
    "memory": 'state="needs-review-translation" state-qualifier="leveraged-tm"',
    "post-edited": 'state="translated"',
    "given": 'state="translated"',
    "copied": 'state="translated"',
}
_REVIEWED = frozenset({"final", "signed-off"})


def to_xliff(document: Document) -> str:
    """A document as XLIFF 1.2, one unit a sentence, with states, notes and the lines of its JSONL; the same document, the same bytes.

    >>> from bilingual.document import Block
    >>> block = Block(1, "paragraph", "Oui.", segments=(Segment("p1.s1", "Oui.", target="Yes."),))
    >>> [line.strip() for line in to_xliff(Document("a.txt", (block,))).split("\\n") if "<target" in line]
    ['<target state="needs-review-translation" state-qualifier="leveraged-mt">Yes.</target>']
    """
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<xliff version="1.2" xmlns="{SPACE}">\n'
        f'  <file original={quoteattr(shown(document.name))} source-language="fr" target-language="en" datatype="plaintext"'
        ' tool-id="bilingual">\n    <header>\n'
        f'      <reference><internal-file form="{_FORM}">',
        "\n".join(map(xml, head_lines(document))),
        "</internal-file></reference>\n"
        f"      <note>{xml(notice(document))}</note>\n"
        f'      <tool tool-id="bilingual" tool-name="bilingual" tool-version={quoteattr(version(document))}/>\n'
        "    </header>\n    <body>\n",
    ]
    for segment, line in lines(document):
        parts += _unit(segment, line)
    return "".join((*parts, "    </body>\n  </file>\n</xliff>\n"))


def _unit(segment: Segment, line: str) -> list[str]:
    approved = "yes" if segment.origin == "post-edited" else "no"
    parts = [
        f'      <trans-unit id={quoteattr(segment.id)} approved="{approved}" restype="x-{segment.block}" xml:space="preserve">\n'
        f"        <source>{xml(segment.source)}</source>\n"
    ]
    if has_english(segment):
        parts.append(f"        <target {_STATES[segment.origin]}>{xml(segment.target)}</target>\n")
    parts += [f"        <note>{xml(note)}</note>\n" for note in notes_on(segment)]
    parts.append(
        f'        <context-group purpose="{_CONTEXT}"><context context-type="{_CONTEXT}">{xml(line)}</context></context-group>\n'
        "      </trans-unit>\n"
    )
    return parts


def read_xliff(data: bytes, name: str) -> Exchange:
    """The pairs of an XLIFF 1.x file; inline codes are left out, marks and paired tags looked through.

    Raises `InputError` in one line where it is not XLIFF 1.x, is broken, not from French into English, or its lines of ours are
    broken.
    """
    head: list[str] = []
    units: list[Unit] = []
    carried: list[tuple[str, Unit]] = []
    try:
        for node in read_elements(data, {"xliff"}, {"header", "trans-unit"}, "XLIFF", opened=("xliff", "file")):
            place = f"{name}:{node.line}"
            if node.tag == "xliff":
                check_version(node, SPACES, place)
            elif node.tag == "file":
                check_languages(node.attributes.get("source-language", ""), node.attributes.get("target-language", ""), place)
            elif node.tag == "header":
                inner = [i for child in node.children if child.tag == "reference" for i in child.children]
                head += [row for i in inner if i.attributes.get("form") == _FORM for row in text_in(i, i.space).split("\n")]
            else:
                unit = _read_unit(node, place, len(units) + 1)
                units.append(unit)
                contexts = [inner for child in node.children if child.tag == "context-group" for inner in child.children]
                own = [text_in(c, c.space) for c in contexts if c.attributes.get("context-type") == _CONTEXT]
                carried += [(line, unit) for line in own[:1]]
    except Refused as refused:
        line, what = refused.args[0]
        raise InputError(f"{name}:{line}: {what}") from None
    return Exchange(name, tuple(units), rebuilt(head, carried, name))


def check_version(root: Node, spaces: tuple[str, ...], place: str) -> None:
    """Raise `InputError` where the root's namespace is none of `spaces`."""
    if root.space not in spaces:
        raise InputError(
            f"{place}: the namespace is {root.space[:60]!r}, not {spaces[0]!r}; give an XLIFF 1.2, 2.0, 2.1 or 2.2 file"
        )


def _read_unit(node: Node, place: str, number: int) -> Unit:
    sides = {
        child.tag: child for child in reversed(node.children) if child.tag in ("source", "target") and child.space == node.space
    }
    if "source" not in sides:
        raise InputError(f"{place}: a <trans-unit> without <source>; export the file again")
    target = sides.get("target")
    state = target.attributes.get("state", "") if target else ""
    return Unit(
        node.attributes.get("id", "") or f"unit{number}",
        text_in(sides["source"], node.space, _CODES),
        text_in(target, node.space, _CODES) if target else None,
        place,
        confirmed=node.attributes.get("approved") == "yes" or state in _REVIEWED,
    )
