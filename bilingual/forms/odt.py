"""OpenDocument texts (.odt): paragraphs of the body, tables, frames, notes, headers and footers, with the places of their words.

Words stand right in a paragraph there, and spans around them. Automatic styles that say nothing of the look (times of editing, languages)
are seen through, and spans of one look that touch are one mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bilingual.document import Part, Span
from bilingual.errors import InputError
from bilingual.forms.archive import FRENCH_PROPERTY, Archive, read_member, read_part, tree_of
from bilingual.forms.found import Found
from bilingual.forms.inline import Item, cut, found_in, joined
from bilingual.forms.markdown import shown_code
from bilingual.markup import Element, Stretch

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
PREFIXES = {
    f"{_ODF}office:1.0": "office",
    f"{_ODF}text:1.0": "text",
    f"{_ODF}style:1.0": "style",
    f"{_ODF}table:1.0": "table",
    f"{_ODF}drawing:1.0": "draw",
    f"{_ODF}svg-compatible:1.0": "svg",
    f"{_ODF}xsl-fo-compatible:1.0": "fo",
    "http://openoffice.org/2009/office": "officeooo",
}
_TEXT = "application/vnd.oasis.opendocument.text"
_LINES = frozenset({"text:p", "text:h", "text:index-title-template", "svg:desc", "svg:title"})
_LEFT = frozenset({"text:tracked-changes", "office:annotation", "office:forms", "office:scripts", "office:settings", "text:ruby"})
_WHOLE = frozenset(
    "text:note office:annotation text:ruby text:hidden-text text:conditional-text text:script text:number text:change-start"
    " text:change-end text:change".split()
)
_CODE = frozenset({"source text", "teletype", "user entry", "example"})
_SAYS_NOTHING = frozenset(
    "fo:language fo:country fo:script officeooo:rsid officeooo:paragraph-rsid style:rfc-language-tag".split()
)
_FRENCH = re.compile(r"(\s[\w.-]+:language\s*=\s*[\"'])fr(?=[\"'])")
_COUNTRY = re.compile(r"(\s[\w.-]+:country\s*=\s*[\"'])[A-Z]{2}(?=[\"'])")
ALIGNING = 3
"""So many spaces in a row put words below others: they part lines, as tabs do."""


@dataclass(slots=True)
class _Styles:
    """By family and name: the style above, and the look of letters (« » where nothing is said of it)."""

    above: dict[tuple[str, str], str] = field(default_factory=dict)
    looks: dict[tuple[str, str], str] = field(default_factory=dict)

    def chain(self, family: str, name: str) -> Iterator[str]:
        """A style and those above it, as people write their names, in lower case."""
        seen: set[str] = set()
        while name and name not in seen:
            seen.add(name)
            yield name.replace("_20_", " ").lower()
            name = self.above.get((family, name), "")


@dataclass(slots=True)
class _Reading:
    text: str
    styles: _Styles
    pairs: int = 0


def read_odt(archive: Archive) -> tuple[list[Found], list[Part], tuple[str, ...]]:
    """The blocks of an OpenDocument text, its members with text, and what the user should know. Raises `InputError`."""
    if "mimetype" in archive.members:
        kind = read_member(archive, "mimetype").decode("ascii", "replace").strip()
        if not kind.startswith(_TEXT):
            raise InputError(f"{archive.name}: is no OpenDocument text but {kind[:80]}; give it the suffix that it needs")
    if "META-INF/manifest.xml" in archive.members and b"encryption-data" in read_member(archive, "META-INF/manifest.xml"):
        raise InputError(f"{archive.name}: is encrypted; save it without a password")
    content = read_part(archive, "content.xml")
    tree = tree_of(archive, content, PREFIXES)
    common = _Styles()
    notes = []
    if any(element.name == "text:tracked-changes" for element in tree.walk()):
        notes.append("tracked deletions stay in French; what is left when the changes are accepted is translated")
    if "META-INF/documentsignatures.xml" in archive.members:
        notes.append("the document is signed; a translation in its form is not")
    parts = [content]
    trees = [tree]
    if "styles.xml" in archive.members:
        parts.append(read_part(archive, "styles.xml"))
        trees.append(tree_of(archive, parts[1], PREFIXES))
        _read_styles(trees[1], common, automatic=False)
    found: list[Found] = []
    for number, (part, root) in enumerate(zip(parts, trees, strict=True)):
        styles = _Styles(dict(common.above), dict(common.looks))
        _read_styles(root, styles, automatic=True)
        reading = _Reading(part.text, styles)
        found += [replace(item, part=number) for item in _blocks(root, reading)]
    parts = [replace(part, swaps=tuple(_languages(part.text))) for part in parts]
    if "meta.xml" in archive.members:
        meta = read_part(archive, "meta.xml")
        tree_of(archive, meta, PREFIXES)
        if match := FRENCH_PROPERTY.search(meta.text):
            parts.append(replace(meta, swaps=(((match.end(1), match.end()), "en-US"),)))
    return found, parts, tuple(notes)


def _languages(text: str) -> Iterator[tuple[Span, str]]:
    for match in _FRENCH.finditer(text):
        yield (match.end(1), match.end()), "en"
        begin, end = text.rfind("<", 0, match.start()), text.find(">", match.end())
        if country := _COUNTRY.search(text, begin, end):
            yield (country.end(1), country.end()), "US"


def _read_styles(root: Element, styles: _Styles, *, automatic: bool) -> None:
    for group in root.children:
        if group.name != ("office:automatic-styles" if automatic else "office:styles"):
            continue
        for style in group.children:
            if style.name != "style:style":
                continue
            family, name = style.attributes.get("style:family", ""), style.attributes.get("style:name", "")
            above = style.attributes.get("style:parent-style-name", "")
            styles.above[family, name] = above
            said = [
                f"{e.name} {key}={value}"
                for e in style.children
                for key, value in sorted(e.attributes.items())
                if key not in _SAYS_NOTHING and not key.startswith("?:")
            ]
            said += [f"{child.name} {sorted(child.attributes.items())}" for e in style.children for child in e.children]
            styles.looks[family, name] = "; ".join([above, *said] if above or said else []) if automatic else name


def _blocks(root: Element, reading: _Reading) -> Iterator[Found]:
    """The blocks of a member in order; what stands in a frame or note comes after the paragraph that it is anchored in."""
    stack: list[tuple[Element, str]] = [(root, "")]
    while stack:
        element, around = stack.pop()
        if element.name in _LEFT:
            continue
        if element.name in _LINES:
            yield from _paragraph(element, reading, around)
        if element.name in ("text:list-item", "table:table-cell"):
            around = "bullet"
        elif element.name in ("text:note-body", "draw:text-box"):
            around = ""
        stack += [(child, around) for child in reversed(element.children)]


def _paragraph(paragraph: Element, reading: _Reading, around: str) -> Iterator[Found]:
    marker, sign = _kind(paragraph, reading, around)
    gap = marker not in ("bullet", "caption")
    items: list[Item] = []
    _collect(paragraph, reading, items)
    for piece in cut(_without_spare_space(items)):
        found = found_in(joined(piece), shown_code)
        if found is not None:
            yield replace(found, marker=marker, sign=sign, gap=gap)
            gap = False


def _kind(paragraph: Element, reading: _Reading, around: str) -> tuple[str, str]:
    if paragraph.name == "text:h":
        level = paragraph.attributes.get("text:outline-level", "1")
        return "heading", "#" * (int(level) if level.isdecimal() and 0 < int(level) < 10 else 1)
    if paragraph.name.startswith("svg:"):
        return "caption", ""
    for name in reading.styles.chain("paragraph", paragraph.attributes.get("text:style-name", "")):
        if name in ("title", "subtitle"):
            return "heading", "#" if name == "title" else "##"
        if name in ("quotations", "caption"):
            return ("quote", ">") if name == "quotations" else ("caption", "")
        if re.fullmatch(r"contents \d+", name):
            return "bullet", "-"
    return (around, "-") if around else ("", "")


def _collect(element: Element, reading: _Reading, items: list[Item]) -> None:
    for child in element.items:
        if isinstance(child, Stretch):
            if child.text is None:
                items.append(Item("atom", child.span, kind="other"))
            else:
                items.append(Item("text", child.span, child.text))
            continue
        name = child.name
        if name == "text:s":
            count = child.attributes.get("text:c", "1")
            spaces = int(count) if count.isdecimal() and len(count) < 4 else ALIGNING
            items.append(Item("text", child.span, " " * spaces, look="kept") if spaces < ALIGNING else Item("cut", child.span))
        elif name in ("text:tab", "text:line-break"):
            items.append(Item("cut", child.span))
        elif name == "text:soft-page-break":
            items.append(Item("skip", child.span))
        elif name in _WHOLE or name.startswith("draw:") or not _has_text(child):
            kind = name.partition(":")[2]
            items.append(Item("skip" if kind == "span" and not child.children else "atom", child.span, kind=kind))
        else:
            reading.pairs += 1
            pair = reading.pairs
            kind, look = _mark(child, reading)
            items.append(Item("open", child.opens, kind=kind, pair=pair, look=look))
            _collect(child, reading, items)
            items.append(Item("close", child.closes, pair=pair))


def _has_text(element: Element) -> bool:
    return any(isinstance(item, Stretch) and item.text for above in element.walk() for item in above.items)


def _mark(element: Element, reading: _Reading) -> tuple[str, str]:
    """What kind of mark an element is, and its look: « » for no mark at all."""
    raw = reading.text[slice(*element.opens)]
    if element.name == "text:a":
        return "a", raw
    if element.name != "text:span":
        return element.name.partition(":")[2], f"{element.opens[0]}"  # two fields are never one
    name = element.attributes.get("text:style-name", "")
    look = reading.styles.looks.get(("text", name), name)
    if not look:
        return "", ""
    code = any(above in _CODE for above in reading.styles.chain("text", name))
    return "code" if code else "span", look


def _without_spare_space(items: list[Item]) -> list[Item]:
    """White space as it reads: any run of it is one space, and none at the beginning."""
    out: list[Item] = []
    after_space = True
    for item in items:
        if item.what != "text" or item.look == "kept":
            after_space = item.what == "cut" or (after_space and item.what != "text")
            out.append(replace(item, look="") if item.what == "text" else item)
            continue
        if len(item.text) != item.span[1] - item.span[0]:  # one character, written otherwise
            out.append(item)
            after_space = False
            continue
        for match in re.finditer(r"[ \t\r\n]+|[^ \t\r\n]+", item.text):
            span = (item.span[0] + match.start(), item.span[0] + match.end())
            blank = match[0][0] in " \t\r\n"
            if not (blank and after_space):
                out.append(Item("text", span, " " if blank else match[0]))
            after_space = blank
    return out
