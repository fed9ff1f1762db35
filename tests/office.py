"""Documents made of small pieces of XML, for tests: what an office program would write, without one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SPACES = (
    f'xmlns:w="{W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PARTS = {
    "styles": ("word/styles.xml", "w:styles"),
    "footnotes": ("word/footnotes.xml", "w:footnotes"),
    "endnotes": ("word/endnotes.xml", "w:endnotes"),
    "header": ("word/header1.xml", "w:hdr"),
    "footer": ("word/footer1.xml", "w:ftr"),
    "comments": ("word/comments.xml", "w:comments"),
    "properties": ("docProps/core.xml", "cp:coreProperties"),
}
STYLES = (
    '<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="fr-FR" w:eastAsia="en-US" w:bidi="ar-SA"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Titre"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Titre1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Chapitre"><w:name w:val="Chapitre"/><w:basedOn w:val="Titre1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Citation"><w:name w:val="Quote"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Lgende"><w:name w:val="caption"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Listepuces"><w:name w:val="List Bullet"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="TM1"><w:name w:val="toc 1"/></w:style>'
    '<w:style w:type="character" w:styleId="CodeHTML"><w:name w:val="HTML Code"/></w:style>'
    '<w:style w:type="character" w:styleId="Lienhypertexte"><w:name w:val="Hyperlink"/>'
    '<w:rPr><w:color w:val="0563C1"/><w:u w:val="single"/></w:rPr></w:style>'
)


def pack(members: Mapping[str, str | bytes], stored: tuple[str, ...] = ()) -> bytes:
    """A ZIP archive of `members`, all of one date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 6))
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            file.writestr(info, content)
    return out.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        return {info.filename: file.read(info) for info in file.infolist()}


def docx(body: str, more: Mapping[str, str | bytes] | None = None, **parts: str) -> bytes:
    """A Word document with `body`, with `parts` (``footnotes`` …) and with other members."""
    parts = {"styles": STYLES, **parts}
    override = f'<Override PartName="/word/document.xml" ContentType="{_TYPE}.document.main+xml"/>'
    members: dict[str, str | bytes] = {}
    relations = ""
    for number, (kind, content) in enumerate(parts.items(), 1):
        path, root = _PARTS[kind]
        members[path] = f"{_HEAD}<{root} {_SPACES}>{content}</{root}>"
        type_ = "application/vnd.openxmlformats-package.core-properties" if kind == "properties" else f"{_TYPE}.{kind}"
        override += f'<Override PartName="/{path}" ContentType="{type_}+xml"/>'
        relations += (
            f'<Relationship Id="rId{number}" Target="{path[5:]}" '
            f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/>'
        )
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations += f'<Relationship Id="rId90" Type="{office}/hyperlink" Target="https://a.fr/x" TargetMode="External"/>'
    return pack(
        {
            "[Content_Types].xml": f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{override}</Types>',
            "_rels/.rels": f'{_HEAD}<Relationships xmlns="{rels}"><Relationship Id="rId1" Type="{office}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
            "word/document.xml": f"{_HEAD}<w:document {_SPACES}><w:body>{body}<w:sectPr/></w:body></w:document>",
            "word/_rels/document.xml.rels": f'{_HEAD}<Relationships xmlns="{rels}">{relations}</Relationships>',
            **members,
            **(more or {}),
        }
    )


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF_SPACES = " ".join(
    f'xmlns:{prefix}="{_ODF}{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("text", "text"),
        ("style", "style"),
        ("table", "table"),
        ("draw", "drawing"),
        ("svg", "svg-compatible"),
        ("fo", "xsl-fo-compatible"),
    )
)
_ODF_SPACES += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:officeooo="http://openoffice.org/2009/office"'
_ODF_SPACES += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
ODT_STYLES = (
    '<style:style style:name="T1" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="T2" style:family="text"><style:text-properties officeooo:rsid="00a1"/></style:style>'
    '<style:style style:name="T3" style:family="text"><style:text-properties officeooo:rsid="00b2" fo:font-weight="bold"/></style:style>'
    '<style:style style:name="T4" style:family="text"><style:text-properties fo:language="fr" fo:country="CA"/></style:style>'
    '<style:style style:name="T5" style:family="text"><style:text-properties fo:font-style="italic"/></style:style>'
    '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>'
)


def odt(body: str, more: Mapping[str, str | bytes] | None = None, header: str = "", kind: str = "text") -> bytes:
    """An OpenDocument text with `body`, and with other members."""
    default = (
        '<style:default-style style:family="paragraph"><style:text-properties fo:language="fr" fo:country="FR" '
        'style:language-asian="zh" style:country-asian="CN"/></style:default-style>'
    )
    named = "".join(
        f'<style:style style:name="{name}" style:family="{family}"/>'
        for name, family in (
            ("Title", "paragraph"),
            ("Quotations", "paragraph"),
            ("Source_20_Text", "text"),
            ("Emphasis", "text"),
        )
    )
    mime = f"application/vnd.oasis.opendocument.{kind}"
    return pack(
        {
            "mimetype": mime,
            "content.xml": f'{_HEAD}<office:document-content {_ODF_SPACES} office:version="1.3"><office:automatic-styles>{ODT_STYLES}'
            f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body></office:document-content>",
            "styles.xml": f'{_HEAD}<office:document-styles {_ODF_SPACES} office:version="1.3"><office:styles>{default}{named}'
            '</office:styles><office:automatic-styles><style:page-layout style:name="Mpm1"/></office:automatic-styles>'
            '<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="Mpm1"><style:header>'
            f"{header}</style:header></style:master-page></office:master-styles></office:document-styles>",
            "meta.xml": f"{_HEAD}<office:document-meta {_ODF_SPACES}><office:meta><dc:language>fr-FR</dc:language></office:meta>"
            "</office:document-meta>",
            "META-INF/manifest.xml": f'{_HEAD}<manifest:manifest xmlns:manifest="{_ODF}manifest:1.0" manifest:version="1.3">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            '<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>'
            '<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/></manifest:manifest>',
            **(more or {}),
        },
        stored=("mimetype",),
    )


def epub(chapters: Mapping[str, str], more: Mapping[str, str | bytes] | None = None, title: str = "Le tram") -> bytes:
    """A book of `chapters`: bodies of XHTML by name, in reading order; with both kinds of tables of contents."""
    page = (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
        'xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="fr" lang="fr"><head><title>x</title></head><body>{}</body></html>'
    )
    items = "".join(f'<item id="{name}" href="text/{name}.xhtml" media-type="application/xhtml+xml"/>' for name in chapters)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    points = "".join(
        f'<navPoint id="{n}"><navLabel><text>Partie {name}</text></navLabel><content src="text/{name}.xhtml"/></navPoint>'
        for n, name in enumerate(chapters)
    )
    links = "".join(f'<li><a href="text/{name}.xhtml">Partie {name}</a></li>' for name in chapters)
    return pack(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<?xml version="1.0"?><container version="1.0" '
            'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf" '
            'media-type="application/oebps-package+xml"/></rootfiles></container>',
            "OEBPS/book.opf": '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" xml:lang="fr" '
            'unique-identifier="i"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">urn:x</dc:identifier>'
            f"<dc:title>{title}</dc:title><dc:creator>Anne Martin</dc:creator><dc:language>fr-FR</dc:language></metadata>"
            f'<manifest><item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
            f'<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>{items}</manifest>'
            f'<spine toc="ncx">{spine}</spine></package>',
            "OEBPS/nav.xhtml": page.format(f'<nav epub:type="toc"><h1>Sommaire</h1><ol>{links}</ol></nav>'),
            "OEBPS/toc.ncx": '<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" '
            '"http://www.daisy.org/z3986/2005/ncx-2005-1.dtd"><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" '
            f'xml:lang="fr"><docTitle><text>{title}</text></docTitle><docAuthor><text>Anne Martin</text></docAuthor>'
            f"<navMap>{points}</navMap></ncx>",
            **{f"OEBPS/text/{name}.xhtml": page.format(body) for name, body in chapters.items()},
            **(more or {}),
        },
        stored=("mimetype",),
    )
