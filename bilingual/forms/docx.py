"""Word documents (.docx): paragraphs of the body, tables, text boxes, notes, headers and footers, with the places of their words.

Which members hold text is read from the list of content types. Word parts a sentence into runs at random (spelling marks, times of
editing): runs that look alike are one, what looks otherwise than most of its paragraph is a mark, and so are links, fields with a result
and tracked insertions. Whatever else stands in a line is carried along as it is; tabs and breaks part lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import unescape

from bilingual.document import Part, Span
from bilingual.errors import InputError
from bilingual.forms.archive import FRENCH_PROPERTY, Archive, read_part, tree_of
from bilingual.forms.docx_places import Home, placed
from bilingual.forms.found import Found
from bilingual.forms.inline import Item, by_look, cut, found_in
from bilingual.forms.markdown import shown_code
from bilingual.markup import Element, Stretch

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PREFIXES = {
    _W: "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing": "wp",
    "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": "wp",
    "http://schemas.openxmlformats.org/package/2006/content-types": "ct",
}
_MAIN = re.compile(
    r"wordprocessingml\.(?:document|template)\.main\+xml$|ms-word\.(?:document|template)\.macroEnabled\.main\+xml$"
)
_TEXTS = ("footnotes", "endnotes", "header", "footer")
_WRAPS = frozenset("w:hyperlink w:fldSimple w:smartTag w:customXml w:ins w:moveTo w:sdt w:bdo w:dir".split())
_CUTS = frozenset("w:tab w:br w:cr w:ptab".split())
_SKIPS = frozenset("w:proofErr w:lastRenderedPageBreak w:softHyphen".split())
_PLAIN = frozenset("w:lang w:noProof w:bCs w:iCs w:szCs w:rtl w:cs".split())
_GONE = frozenset({"w:del", "w:moveFrom"})
_CODE = frozenset(
    {"html code", "verbatim char", "code", "inline code", "source text", "source code", "html keyboard", "html sample"}
)
_FRENCH = re.compile(r"(<(?:\w+:)?lang\b[^>]*?\s(?:\w+:)?val\s*=\s*[\"'])fr(?:-\w+)*(?=[\"'])", re.IGNORECASE)
ENGLISH = "en-US"
"""What Word calls the language of the translation: it has no English without a country."""


@dataclass(frozen=True, slots=True)
class _Styles:
    """Names of styles by their ids, in lower case, and how deep a heading each is."""

    names: dict[str, str] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Reading:
    text: str
    styles: _Styles
    pairs: int = 0
    deleted: int = 0

    def next_pair(self) -> int:
        self.pairs += 1
        return self.pairs


def read_docx(archive: Archive) -> tuple[list[Found], list[Part], tuple[str, ...]]:
    """The blocks of a Word document, its members with text, and what the user should know. Raises `InputError`."""
    types = _members(archive)
    main = next((path for path, kind in types if _MAIN.search(kind)), None)
    if main is None:
        raise InputError(f"{archive.name}: is no Word document, by its list of contents; give it the suffix that it needs")
    styles = _Styles()
    parts: list[Part] = []
    found: list[Found] = []
    swapped: list[Part] = []
    for path, kind in types:
        if kind.endswith("wordprocessingml.styles+xml"):
            part = read_part(archive, path)
            styles = _read_styles(tree_of(archive, part, PREFIXES))
            if swaps := tuple(_languages(part.text)):
                swapped.append(replace(part, swaps=swaps))
        elif kind.endswith("package.core-properties+xml"):
            part = read_part(archive, path)
            if match := FRENCH_PROPERTY.search(part.text):
                swapped.append(replace(part, swaps=(((match.end(1), match.end()), ENGLISH),)))
    order = [main, *(path for what in _TEXTS for path, kind in types if kind.endswith(f"wordprocessingml.{what}+xml"))]
    deleted = 0
    for path in order:
        part = read_part(archive, path)
        reading = _Reading(part.text, styles)
        found += [replace(item, part=len(parts)) for item in _blocks(tree_of(archive, part, PREFIXES), reading)]
        deleted += reading.deleted
        parts.append(part)
    notes = []
    if deleted:
        notes.append(f"tracked deletions ({deleted}) stay in French; what is left when the changes are accepted is translated")
    if any(path.startswith("_xmlsignatures/") for path in archive.members):
        notes.append("the document is signed; a translation in its form is not")
    return found, parts + swapped, tuple(notes)


def _members(archive: Archive) -> list[tuple[str, str]]:
    """The members that have a content type of their own, and that type."""
    if "[Content_Types].xml" not in archive.members:
        raise InputError(f"{archive.name}: is no Word document: it has no list of contents; give it the suffix that it needs")
    tree = tree_of(archive, read_part(archive, "[Content_Types].xml"), PREFIXES)
    typed = [(e.attributes.get("PartName", "").lstrip("/"), e.attributes.get("ContentType", "")) for e in tree.children]
    names = {name.lower(): name for name in archive.members}
    return [(names[path.lower()], kind) for path, kind in typed if path.lower() in names]


def _read_styles(root: Element) -> _Styles:
    styles, above = _Styles(), {}
    for style in root.children:
        number = style.attributes.get("w:styleId", "")
        for child in style.children:
            value = child.attributes.get("w:val", "")
            if child.name == "w:name":
                styles.names[number] = value.lower()
            elif child.name == "w:basedOn":
                above[number] = value
            elif child.name == "w:pPr":
                level = next((e.attributes.get("w:val", "") for e in child.children if e.name == "w:outlineLvl"), "")
                if level.isdecimal() and int(level) < 9:
                    styles.levels[number] = int(level) + 1
    for number, name in styles.names.items():
        if name == "title":
            styles.levels[number] = 1
        elif name == "subtitle":
            styles.levels[number] = 2
        elif match := re.fullmatch(r"heading (\d)", name):
            styles.levels[number] = int(match[1])
    for number in styles.names:  # what is based on a heading is one
        at, seen = number, {number}
        while at not in styles.levels and at in above and above[at] not in seen:
            at = above[at]
            seen.add(at)
        if at in styles.levels:
            styles.levels[number] = styles.levels[at]
    return styles


def _languages(text: str) -> Iterator[tuple[Span, str]]:
    for match in _FRENCH.finditer(text):
        yield (match.end(1), match.end()), ENGLISH


def in_english(look: str) -> str:
    """Properties of a run with its language set right.

    >>> in_english('<w:rPr><w:lang w:val="fr-FR" w:eastAsia="ja-JP"/></w:rPr>')
    '<w:rPr><w:lang w:val="en-US" w:eastAsia="ja-JP"/></w:rPr>'
    """
    return _FRENCH.sub(rf"\g<1>{ENGLISH}", look)


def _blocks(root: Element, reading: _Reading) -> Iterator[Found]:
    """The blocks of a member in order; a text box comes after the paragraph that it stands in, once for both its descriptions."""
    stack: list[tuple[Element, str]] = [(root, "")]
    while stack:
        element, around = stack.pop()
        if element.name == "mc:AlternateContent":
            yield from _alternatives(element, reading, around)
            continue
        if element.name in _GONE:
            continue
        if element.name == "w:p":
            yield from _paragraph(element, reading, around)
        elif element.name == "wp:docPr":
            yield from _description(element, reading)
        around = "bullet" if element.name == "w:tc" else "" if element.name == "w:txbxContent" else around
        stack += [(child, around) for child in reversed(element.children)]


def _alternatives(element: Element, reading: _Reading, around: str) -> Iterator[Found]:
    """Text boxes are described twice, for programs old and new: what both say is one block with two places."""
    ways = [[found for child in way.children for found in _blocks(child, reading)] for way in element.children]
    if not ways:
        return
    first, *others = ways
    for way in others:
        if [found.text for found in way] != [found.text for found in first]:
            continue
        first = [replace(a, twins=(*a.twins, b.place, *b.twins)) for a, b in zip(first, way, strict=True)]
        others = [other for other in others if other is not way]
    yield from first
    for way in others:
        yield from way


def _description(element: Element, reading: _Reading) -> Iterator[Found]:
    """The alternative text of a picture."""
    match = re.search(r"\sdescr\s*=\s*(?:\"([^\"]+)\"|'([^']+)')", reading.text[slice(*element.opens)])
    if match is None or " " not in element.attributes.get("descr", "").strip() or "\\" in match[0]:  # the name of a file
        return
    start = element.opens[0] + match.start(1 if match[1] else 2)
    row = []
    for part in re.finditer(r"&[^;\s]{1,9};|[^&]+|&", match[1] or match[2]):
        row.append(Item("text", (start + part.start(), start + part.end()), re.sub(r"[\t\r\n]", " ", unescape(part[0]))))
    found = found_in(row, shown_code)
    if found is not None:
        yield replace(found, marker="caption", gap=False, place=replace(found.place, style="attribute"))


def _paragraph(paragraph: Element, reading: _Reading, around: str) -> Iterator[Found]:
    marker, sign = _kind(paragraph, reading, around)
    gap = marker != "bullet"
    for piece in cut(list(_items(paragraph, reading))):
        row, base = by_look(piece, reading.next_pair, lambda look: _is_code(look, reading))
        found = found_in(row, shown_code)
        if found is not None:
            place = placed(found.place, row, base, reading.text)
            yield replace(found, marker=marker, sign=sign, gap=gap, place=place)
            gap = False


def _kind(paragraph: Element, reading: _Reading, around: str) -> tuple[str, str]:
    properties = next((e for e in paragraph.children if e.name == "w:pPr"), None)
    found = {e.name: e for e in properties.children} if properties else {}
    style = found["w:pStyle"].attributes.get("w:val", "") if "w:pStyle" in found else ""
    name = reading.styles.names.get(style, "")
    level = found["w:outlineLvl"].attributes.get("w:val", "") if "w:outlineLvl" in found else ""
    if level.isdecimal() and int(level) < 9:
        return "heading", "#" * (int(level) + 1)
    if style in reading.styles.levels:
        return "heading", "#" * reading.styles.levels[style]
    if name in ("quote", "intense quote", "block text"):
        return "quote", ">"
    if name == "caption":
        return "caption", ""
    listed = [e.attributes.get("w:val") for e in found.get("w:numPr", Element("", {}, (0, 0))).children if e.name == "w:numId"]
    if around or (listed and listed != ["0"]) or name.startswith(("list bullet", "list number", "toc ")):
        return "bullet", "-"
    return "", ""


# ------------------------------------------------------------------------------------------------------------ what stands in a line


def _items(paragraph: Element, reading: _Reading) -> list[Item]:
    items: list[Item] = []
    _collect(paragraph, reading, items)
    return _fields(items, reading)


def _collect(element: Element, reading: _Reading, items: list[Item]) -> None:
    for child in element.items:
        if isinstance(child, Stretch):
            if child.text is None:
                items.append(Item("atom", child.span, kind="other"))
            continue
        content: Element | None = child
        if child.name == "w:sdt":
            content = next((e for e in child.children if e.name == "w:sdtContent"), None)
        if child.name == "w:r":
            items += _run(child, reading)
        elif child.name in _WRAPS and content is not None and content.closes[0] < content.closes[1]:
            pair = reading.next_pair()
            inner = [e for e in content.children if not e.name.endswith("Pr")]
            start = content.opens[1] if not inner or inner[0] is content.children[0] else inner[0].opens[0]
            items.append(Item("open", (child.opens[0], start), kind=child.name[2:], pair=pair))
            _collect(content, reading, items)
            items.append(Item("close", (content.closes[0], child.closes[1]), pair=pair))
        elif child.name in _SKIPS:
            items.append(Item("skip", child.span))
        elif not child.name.endswith("Pr"):
            reading.deleted += child.name in _GONE
            items.append(Item("atom", child.span, kind=child.name[2:]))


def _run(run: Element, reading: _Reading) -> Iterator[Item]:
    properties = next((e for e in run.children if e.name == "w:rPr"), None)
    content = [e for e in run.children if e is not properties]
    solid = [e for e in content if e.name not in _SKIPS]
    if not solid:
        yield Item("skip", run.span)
        return
    if _hidden(properties) and all(e.name not in ("w:fldChar", "w:instrText") for e in solid):
        yield Item("atom", run.span, kind="hidden")
        return
    if all(e.name in ("w:fldChar", "w:instrText", "w:delInstrText") for e in solid):
        signs = [e.attributes.get("w:fldCharType", "") for e in solid if e.name == "w:fldChar"]
        kind = signs[0] if len(signs) == 1 else "instruction" if not signs else ""
        yield Item("atom" if kind else "cut", run.span, kind=f"field {kind}" if kind else "")
        return
    look = _look(properties, reading) if properties is not None else ""
    span = properties.span if properties is not None else None
    for at, child in enumerate(solid):
        home = Home(run, span, child if child.name == "w:t" else None, at == 0, at == len(solid) - 1)
        if child.name == "w:t":
            for stretch in child.items:
                if isinstance(stretch, Stretch) and stretch.text:
                    yield Item("text", stretch.span, stretch.text, look=look, home=home)
        elif child.name == "w:noBreakHyphen":
            yield Item("text", child.span, "-", look=look, home=home)
        elif child.name in _CUTS or child.name in ("w:fldChar", "w:instrText"):
            yield Item("cut", child.span)
        else:
            alone = len(solid) == 1
            yield Item("atom", run.span if alone else child.span, kind=child.name.partition(":")[2], home=None if alone else home)


def _hidden(properties: Element | None) -> bool:
    said = properties.children if properties else []
    return any(e.name == "w:vanish" and e.attributes.get("w:val") not in ("0", "false", "off") for e in said)


def _look(properties: Element, reading: _Reading) -> str:
    """What a run's properties say of its look, whatever their order: languages and spelling marks are none of it."""
    said = sorted(reading.text[slice(*e.span)] for e in properties.children if e.name not in _PLAIN)
    return "".join(said)


def _is_code(look: str, reading: _Reading) -> bool:
    style = re.search(r"<(?:\w+:)?rStyle\b[^>]*?\bval\s*=\s*[\"']([^\"']*)", look)
    return style is not None and reading.styles.names.get(style[1], style[1].lower()) in _CODE


def _fields(items: list[Item], reading: _Reading) -> list[Item]:
    """Fields as what they are: one with a result is a mark around it, one without a thing, one that goes on elsewhere a cut."""
    whole: dict[int, tuple[int, int]] = {}  # by its beginning: where its result begins, and its end
    opened: list[list[int]] = []
    for at, item in enumerate(items):
        if item.kind == "field begin":
            opened.append([at, -1])
        elif item.kind == "field separate" and opened:
            opened[-1][1] = at
        elif item.kind == "field end" and opened:
            begin, separate = opened.pop()
            if _balanced(items[begin:at]) and (separate < 0 or _balanced(items[begin:separate])):
                whole[begin] = separate, at
    out: list[Item] = []
    ends: dict[int, int] = {}
    at = 0
    while at < len(items):
        item = items[at]
        if at in whole:
            separate, end = whole[at]
            if separate < 0:
                out.append(Item("atom", (item.span[0], items[end].span[1]), kind="field"))
                at = end + 1
                continue
            pair = reading.next_pair()
            ends[end] = pair
            out.append(Item("open", (item.span[0], items[separate].span[1]), kind="field", pair=pair))
            at = separate + 1
            continue
        if at in ends:
            out.append(Item("close", item.span, pair=ends[at]))
        elif item.kind.startswith("field "):
            out.append(Item("cut", item.span))
        else:
            out.append(item)
        at += 1
    return out


def _balanced(items: Sequence[Item]) -> bool:
    opens = [item.pair for item in items if item.what == "open"]
    return sorted(opens) == sorted(item.pair for item in items if item.what == "close")
