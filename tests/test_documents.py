"""EPUB books, and what no document may do to the reader: archives that are damaged, hostile or something else."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office import docx, epub, odt, pack, unpack
from saying import read, same, translated

from bilingual.errors import InputError
from bilingual.forms import archive, write_form
from bilingual.markup import Refused, read_tree
from bilingual.reading import read_document

CHAPTERS = {
    "un": '<section epub:type="chapter"><h1>Le <em>tram</em></h1><p class="menu">Il roule<a id="x"/> <b>vite</b>&#160;!</p>'
    '<aside epub:type="footnote"><p>Une note.</p></aside><pre>laissé</pre><p><img src="a.png" alt="Une rame"/></p></section>',
    "deux": '<nav>Une suite.</nav><form><p>Oui.</p></form><p hidden="">Non.</p>',
}


def test_a_book_is_read_in_its_order() -> None:
    document = read(epub(CHAPTERS), "a.epub")
    assert [(b.kind, b.level, b.text) for b in document.blocks] == [
        ("title", 1, "Le tram"),
        ("heading", 2, "Le tram"),
        ("paragraph", 0, "Il roule vite\xa0!"),
        ("paragraph", 0, "Une note."),
        ("caption", 0, "Une rame"),
        ("paragraph", 0, "Une suite."),
        ("paragraph", 0, "Oui."),
        ("heading", 2, "Sommaire"),
        ("list-item", 0, "Partie un"),
        ("list-item", 0, "Partie deux"),
        ("list-item", 0, "Le tram"),
        ("list-item", 0, "Partie un"),
        ("list-item", 0, "Partie deux"),
    ]


def test_a_book_in_upper_case() -> None:
    data = epub(CHAPTERS, more={"OEBPS/a.png": b"\x89PNG", "OEBPS/style.css": "p { }"})
    document = read(data, "a.epub")
    before, after = unpack(data), unpack(write_form(translated(document, str.upper)))
    assert list(before) == list(after)
    with zipfile.ZipFile(io.BytesIO(write_form(translated(document, str.upper)))) as file:
        first = file.infolist()[0]
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
        assert all(info.date_time == (2020, 1, 2, 3, 4, 6) for info in file.infolist())
    same_bytes = {"mimetype", "META-INF/container.xml", "OEBPS/a.png", "OEBPS/style.css"}
    assert {n for n in before if before[n] == after[n]} == same_bytes
    assert (
        b"<dc:title>LE TRAM</dc:title><dc:creator>Anne Martin</dc:creator><dc:language>en</dc:language>"
        in after["OEBPS/book.opf"]
    )
    page = after["OEBPS/text/un.xhtml"].decode()
    assert 'xml:lang="en" lang="en"' in page
    assert '<h1>LE <em>TRAM</em></h1><p class="menu">IL ROULE<a id="x"/> <b>VITE</b> !</p>' in page
    assert '<pre>laissé</pre><p><img src="a.png" alt="UNE RAME"/></p>' in page
    assert '<li><a href="text/un.xhtml">PARTIE UN</a></li>' in after["OEBPS/nav.xhtml"].decode()
    assert (
        "<text>PARTIE UN</text>" in after["OEBPS/toc.ncx"].decode()
        and "<text>Anne Martin</text>" in after["OEBPS/toc.ncx"].decode()
    )
    still = unpack(write_form(same(document)))
    assert re.sub(r'lang="en"', 'lang="fr"', still["OEBPS/text/un.xhtml"].decode()) == before["OEBPS/text/un.xhtml"].decode()


PARAGRAPH = "<w:p><w:r><w:t>Le tram.</w:t></w:r></w:p>"


def encrypted() -> bytes:
    data = bytearray(docx(PARAGRAPH))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = data.find(mark)
        while position >= 0:
            data[position + at] |= 1
            position = data.find(mark, position + 4)
    return bytes(data)


def renamed(name: str) -> bytes:
    return pack({**unpack(docx(PARAGRAPH)), name: "x"})


DOCTYPE = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "b">]>'


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.docx", b"", "a.docx: the file is empty"),
        ("a.docx", b"Le tram.", "a.docx: is damaged, or no Word document (File is not a zip file); save it again"),
        ("a.docx", b"%PDF-1.7", "a.docx: looks like a PDF file, not like text"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc), or one with a password"),
        ("a.docx", docx(PARAGRAPH)[:-30], "a.docx: is damaged, or no Word document"),
        ("a.docx", docx(PARAGRAPH)[:200] + b"\xff" * 40 + docx(PARAGRAPH)[240:], "cannot be read"),
        ("a.docx", encrypted(), "a.docx: is encrypted; save it without a password"),
        ("a.docx", odt("<text:p>Le tram.</text:p>"), "a.docx: is no Word document: it has no list of contents"),
        ("a.odt", docx(PARAGRAPH), "a.odt: content.xml is not in it"),
        ("a.odt", odt("", kind="spreadsheet"), "is no OpenDocument text but application/vnd.oasis.opendocument.spreadsheet"),
        ("a.epub", docx(PARAGRAPH), "a.epub: is no EPUB book, by its type"),
        ("a.docx", renamed("../../etc/passwd"), "has a member with an unsafe name ('../../etc/passwd'); left alone"),
        ("a.docx", renamed("/etc/passwd"), "has a member with an unsafe name"),
        ("a.docx", renamed("C:\\x"), "has a member with an unsafe name"),
        ("a.docx", renamed("a\\..\\b"), "has a member with an unsafe name"),
        ("a.docx", renamed("word/x.xml") + b"", None),
        ("a.docx", pack({**unpack(docx(PARAGRAPH)), "word/big.xml": b"\0" * (3 << 20)}), "unpacks to"),
        ("a.docx", docx("<w:p/>"), "there is no text to translate in it"),
        ("a.docx", docx("<w:p>"), "a.docx: word/document.xml:2: is not well-formed XML (mismatched tag"),
        ("a.docx", docx("<w:p>&bombe;</w:p>"), "a.docx: word/document.xml:2: is not well-formed XML (undefined entity"),
        ("a.docx", docx("<w:sdt>" * 300 + "</w:sdt>" * 300), "has more than 200 elements inside one another"),
        (
            "a.docx",
            pack({**unpack(docx(PARAGRAPH)), "word/document.xml": DOCTYPE + "<w>&a;</w>"}),
            "a DOCTYPE with an internal subset",
        ),
        (
            "a.epub",
            pack({**unpack(epub({"un": "<p>Oui.</p>"})), "OEBPS/text/un.xhtml": '<!DOCTYPE html [<!ENTITY a "b">]><p>&a;</p>'}),
            "OEBPS/text/un.xhtml: has a DOCTYPE with an internal subset",
        ),
        ("a.odt", odt("<text:p>a</text:p>", more={"META-INF/manifest.xml": "<x:encryption-data/>"}), "is encrypted"),
        (
            "a.epub",
            epub(
                {"un": "<p>Oui.</p>"},
                more={
                    "META-INF/encryption.xml": '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:CipherReference '
                    'URI="OEBPS/text/un.xhtml"/></encryption>'
                },
            ),
            "its text is encrypted (rights management)",
        ),
        ("a.epub", epub({}), None),
    ],
)
def test_what_is_refused(name: str, data: bytes, message: str | None) -> None:
    if message is None:
        assert read_document(data, name).blocks
        return
    with pytest.raises(InputError) as caught:
        read_document(data, name)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST", 2000)
    with pytest.raises(InputError, match="unpacks to more than"):
        read_document(docx(PARAGRAPH), "a.docx")
    monkeypatch.setattr(archive, "LARGEST", 1 << 20)
    monkeypatch.setattr(archive, "LARGEST_TEXT", 100)
    with pytest.raises(InputError, match="split the document"):
        read_document(docx(PARAGRAPH), "a.docx")
    monkeypatch.setattr(archive, "MEMBERS", 3)
    with pytest.raises(InputError, match="which no document has"):
        read_document(docx(PARAGRAPH), "a.docx")


def test_too_many_tags_are_refused() -> None:
    with pytest.raises(Refused) as caught:
        read_tree("<a>" + "<b/>" * 20 + "</a>", {}, most=20)
    assert caught.value.args[0] == (1, "has more than 20 tags and stretches of text; split the document")


def test_two_members_of_one_name_are_refused() -> None:
    out = io.BytesIO(docx(PARAGRAPH))
    with zipfile.ZipFile(out, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("word/document.xml", "<a/>")
    with pytest.raises(InputError, match="two members with one name"):
        read_document(out.getvalue(), "a.docx")


BITS = [
    "Le tram ",
    "Nantes. ",
    "<br/>",
    '<a id="x"/>',
    "&#233;",
    "&amp; ",
    '<img src="a.png" alt="Une rame"/>',
    "<code>x=1</code> ",
    " ",
    "! ",
]
INLINE = [
    ("<b>", "</b> "),
    ('<a href="b.xhtml#c">', "</a> "),
    ("<em><i>", "</i></em> "),
    ('<span epub:type="pagebreak" title="3">', "</span>"),
]
BLOCKS = [
    ("<p>", "</p>"),
    ("<h2>", "</h2>"),
    ("<ul><li>", "</li></ul>"),
    ("<blockquote><p>", "</p></blockquote>"),
    ("<aside>", "</aside>"),
]
BLOCKS += [
    ("<table><tr><td>", "</td></tr></table>"),
    ("<section><div>", "</div></section>"),
    ("<pre>", "</pre>"),
    ("<figcaption>", "</figcaption>"),
]


@st.composite
def inline(draw: st.DrawFn, depth: int = 0) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        opens, closes = draw(st.sampled_from(INLINE))
        nested = depth < 2 and draw(st.integers(0, 3)) == 0
        parts.append(opens + draw(inline(depth + 1)) + closes if nested else draw(st.sampled_from(BITS)))
    return "".join(parts)


@given(st.lists(st.tuples(st.sampled_from(BLOCKS), inline()), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_generated_books_keep_everything(blocks: list[tuple[tuple[str, str], str]]) -> None:
    data = epub({"un": "".join(opens + text + closes for (opens, closes), text in blocks)})
    document = read(data, "a.epub")
    told = translated(document, lambda word: word[::-1].capitalize())
    before, after = unpack(data), unpack(write_form(told))
    assert list(before) == list(after)
    for name in before:
        if name.endswith((".xhtml", ".opf", ".ncx")):
            old, new = ([e.tag for e in ElementTree.fromstring(members[name]).iter()] for members in (before, after))
            assert sorted(old) == sorted(new), "none lost, none doubled"
        else:
            assert before[name] == after[name]
    again = read(write_form(told), "a.epub")
    wanted = sorted("".join("".join(s.target for s in told.segments).split()))
    assert sorted("".join("".join(b.text for b in again.blocks).split())) == wanted  # a break in a mark may part blocks now
    assert len(told.segments) == len(document.segments)


def test_a_picture_that_is_damaged_is_seen_before_any_work() -> None:
    data = docx(PARAGRAPH, more={"word/media/a.png": bytes(range(256)) * 9})
    at = data.index(b"word/media/a.png") + 40
    with pytest.raises(InputError, match=r"word/media/a.png cannot be read"):
        read_document(data[:at] + b"\xff\xff\xff" + data[at + 3 :], "a.docx")


WHOLE = {"a.docx": docx(PARAGRAPH), "a.odt": odt("<text:p>Le tram.</text:p>"), "a.epub": epub({"un": "<p>Oui.</p>"})}


@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_damaged_files_are_refused_or_read(name: str, damage: list[tuple[float, int]], torn: bool) -> None:
    data = bytearray(WHOLE[name])
    for where, value in damage:
        data[int(where * (len(data) - 1))] = value
    if torn:
        del data[int(damage[0][0] * len(data)) :]
    try:
        document = read(bytes(data), name)
    except InputError as error:
        assert "\n" not in str(error)
        return
    assert unpack(write_form(translated(document, str.upper)))


_WORD = (
    "w:p w:r w:t w:rPr w:pPr w:hyperlink w:ins w:del w:sdt w:sdtContent w:sdtPr w:tc w:tbl w:txbxContent w:fldSimple w:smartTag "
    "w:tab w:br w:noBreakHyphen w:footnoteReference w:bookmarkStart w:vanish w:b w:proofErr w:instrText "
    "w:drawing mc:AlternateContent mc:Choice mc:Fallback"
).split()
_WORD += [f'w:fldChar w:fldCharType="{sign}"' for sign in ("begin", "separate", "end")] + ['wp:docPr descr="Une rame ici"']
_OPEN = (
    "text:p text:h text:span text:a text:s text:tab text:line-break text:note text:note-body text:list text:list-item draw:frame "
    "draw:text-box svg:desc office:annotation text:page-number text:soft-page-break text:bookmark table:table-cell"
).split()
_OPEN += [f'text:span text:style-name="{name}"' for name in ("T1", "T2", "Source_20_Text")]
_LETTERS = st.sampled_from(["Le tram ", "&amp;", " ", "Oui. ", "<!-- c -->", "<![CDATA[x]]>"])


def trees(names: list[str]) -> st.SearchStrategy[str]:
    def around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        made = st.tuples(st.sampled_from(names), st.lists(inner, max_size=5))
        return made.map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0].split()[0]}>")

    return st.lists(st.recursive(_LETTERS, around, max_leaves=25), max_size=6).map("".join)


@given(st.one_of(trees(_WORD).map(lambda text: (text, "docx")), trees(_OPEN).map(lambda text: (text, "odt"))))
@settings(max_examples=300, deadline=None)
def test_whatever_stands_in_them_stays_as_it_was_and_well_formed(made: tuple[str, str]) -> None:
    text, kind = made
    data = docx(f"<w:p>{text}</w:p>") if kind == "docx" else odt(f"<text:p>{text}</text:p>")
    member, begin = ("word/document.xml", b"<w:body>") if kind == "docx" else ("content.xml", b"<office:text>")
    try:
        document = read(data, f"a.{kind}")
    except InputError:
        return
    still = unpack(write_form(same(document)))[member]
    assert still.partition(begin)[2] == unpack(data)[member].partition(begin)[2]
    ElementTree.fromstring(unpack(write_form(translated(document, lambda word: word[::-1].swapcase())))[member])
