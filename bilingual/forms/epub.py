"""EPUB books: chapters in reading order, then the table of contents, with the places of their words.

Chapters are pages of XHTML and go the way of pages, but for what tells main text from the rest: in a book all of it is text.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from urllib.parse import unquote

from bilingual.document import Part, Span
from bilingual.errors import InputError
from bilingual.forms.archive import Archive, read_member, read_part, tree_of
from bilingual.forms.found import Found
from bilingual.forms.html import read_html
from bilingual.forms.inline import Item, found_in
from bilingual.forms.markdown import shown_code
from bilingual.markup import Element, Stretch

PREFIXES = {
    "urn:oasis:names:tc:opendocument:xmlns:container": "c",
    "http://www.idpf.org/2007/opf": "opf",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://www.daisy.org/z3986/2005/ncx/": "ncx",
    "http://www.w3.org/2001/04/xmlenc#": "enc",
}
_PAGE = "application/xhtml+xml"
_NCX = "application/x-dtbncx+xml"
_LANGUAGE = re.compile(r"\sxml:lang\s*=\s*[\"'](fr(?:-\w+)*)(?=[\"'])", re.IGNORECASE)


def read_epub(archive: Archive) -> tuple[list[Found], list[Part], tuple[str, ...]]:
    """The blocks of a book, its members with text, and what the user should know. Raises `InputError`."""
    if "mimetype" not in archive.members or read_member(archive, "mimetype").strip() != b"application/epub+zip":
        raise InputError(f"{archive.name}: is no EPUB book, by its type; give it the suffix that it needs")
    container = tree_of(archive, read_part(archive, "META-INF/container.xml"), PREFIXES)
    package = next((e.attributes.get("full-path", "") for e in container.walk() if e.name == "c:rootfile"), "")
    book = read_part(archive, package)
    root = tree_of(archive, book, PREFIXES)
    pages, contents = _members(archive, root, posixpath.dirname(package))
    _refuse_protected(archive, {package, *pages, *contents})
    found, swaps = _titles(root, book)
    parts = [replace(book, swaps=tuple(swaps))]
    for path in pages:
        part = read_part(archive, path)
        blocks, more = read_html(part.text, book=True)
        found += [replace(item, part=len(parts)) for item in blocks]
        parts.append(replace(part, swaps=more))
    for path in contents:
        part = read_part(archive, path)
        tree = tree_of(archive, part, PREFIXES)
        found += [replace(item, part=len(parts)) for item in _labels(tree)]
        parts.append(replace(part, swaps=tuple(((m.start(1), m.end(1)), "en") for m in _LANGUAGE.finditer(part.text))))
    return found, parts, ()


def _members(archive: Archive, root: Element, folder: str) -> tuple[list[str], list[str]]:
    """The pages of a book in reading order, its navigation last, and its old tables of contents."""
    listed: dict[str, Element] = {}
    order: list[str] = []
    for element in root.walk():
        if element.name == "opf:item":
            listed[element.attributes.get("id", "")] = element
        elif element.name == "opf:itemref":
            order.append(element.attributes.get("idref", ""))
    navigation = [key for key, e in listed.items() if "nav" in e.attributes.get("properties", "").split()]
    pages: dict[str, None] = {}
    contents: dict[str, None] = {}
    for key in [*order, *navigation, *listed]:
        if key not in listed:
            continue
        said = listed[key].attributes
        path = posixpath.normpath(posixpath.join(folder, unquote(said.get("href", ""))))
        kind = said.get("media-type", "")
        if path in archive.members and kind == _PAGE and (key in order or key in navigation):
            pages.setdefault(path)
        elif path in archive.members and kind == _NCX:
            contents.setdefault(path)
    if not pages:
        raise InputError(f"{archive.name}: has no chapter that could be found; save the book again")
    return list(pages), list(contents)


def _refuse_protected(archive: Archive, wanted: set[str]) -> None:
    """Fonts may be disguised; text that is encrypted cannot be read."""
    path = "META-INF/encryption.xml"
    if path not in archive.members:
        return
    tree = tree_of(archive, read_part(archive, path), PREFIXES)
    hidden = {unquote(e.attributes.get("URI", "")).lstrip("/") for e in tree.walk() if e.name == "enc:CipherReference"}
    if hidden & wanted:
        raise InputError(f"{archive.name}: its text is encrypted (rights management); give a copy without")


def _titles(root: Element, book: Part) -> tuple[list[Found], list[tuple[Span, str]]]:
    """The title of a book, and its language as what is to be changed."""
    found: list[Found] = []
    swaps = [((m.start(1), m.end(1)), "en") for m in _LANGUAGE.finditer(book.text)]
    for element in root.walk():
        if element.name == "dc:title":
            found += _line(element, "heading", "#" if not found else "##")
        elif element.name == "dc:language":
            span = (element.opens[1], element.closes[0])
            if book.text[slice(*span)].strip().lower().startswith("fr"):
                swaps.append((span, "en"))
    return found, swaps


def _labels(root: Element) -> list[Found]:
    """What a table of contents of the old kind says."""
    return [
        item
        for element in root.walk()
        if element.name == "ncx:text" and element.parent is not None and element.parent.name != "ncx:docAuthor"
        for item in _line(element, "bullet", "-")
    ]


def _line(element: Element, marker: str, sign: str) -> list[Found]:
    row = [Item("text", i.span, re.sub(r"[\t\r\n]", " ", i.text)) for i in element.items if isinstance(i, Stretch) and i.text]
    whole = all(isinstance(i, Stretch) and i.text for i in element.items)
    found = found_in(row, shown_code) if whole else None
    return [replace(found, marker=marker, sign=sign)] if found is not None else []
