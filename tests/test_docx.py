"""Word documents: what is read out of them, and that the English goes back into the same places."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from office import docx, pack, unpack
from saying import read, same, translated

from bilingual.errors import InputError
from bilingual.forms import write_form
from bilingual.writing import render

CASES = json.loads((ROOT / "tests" / "cases" / "docx.json").read_text(encoding="utf-8"))
LOOKS = {
    "": "",
    "b": "<w:rPr><w:b/></w:rPr>",
    "i": "<w:rPr><w:i/></w:rPr>",
    "c": '<w:rPr><w:rStyle w:val="CodeHTML"/></w:rPr>',
    "h": '<w:rPr><w:rStyle w:val="Lienhypertexte"/></w:rPr>',
    "hb": '<w:rPr><w:rStyle w:val="Lienhypertexte"/><w:b/></w:rPr>',
    "fr": '<w:rPr><w:lang w:val="fr-FR"/></w:rPr>',
    "en": '<w:rPr><w:lang w:val="en-US"/></w:rPr>',
}


def runs(line: str) -> str:
    """``[b|tram]`` as a run; the rest is XML already."""
    return re.sub(
        r"\[(?:(\w+)\|)?([^\]]*)\]",
        lambda m: f'<w:r>{LOOKS[m[1] or ""]}<w:t xml:space="preserve">{m[2]}</w:t></w:r>',
        line,
    )


def paragraph(line: str, style: str = "") -> str:
    return f"<w:p>{f'<w:pPr><w:pStyle w:val={chr(34)}{style}{chr(34)}/></w:pPr>' if style else ''}{runs(line)}</w:p>"


def body(data: bytes) -> str:
    text = unpack(data)["word/document.xml"].decode()
    ElementTree.fromstring(text)
    return text.partition("<w:body>")[2].partition("<w:sectPr/>")[0]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case, marks=[pytest.mark.xfail(strict=True, reason=case["fails"])] if "fails" in case else [], id=case["label"]
        )
        for case in CASES
    ],
)
def test_cases(case: dict) -> None:
    data = docx(paragraph(case["line"]) + paragraph("[Fin.]"))
    document = read(data, "a.docx")
    assert [b.text for b in document.blocks[:-1]] == case["blocks"]
    assert body(write_form(same(document))) == body(data)
    assert body(write_form(translated(document, str.upper))) == paragraph(case["written"]) + paragraph("[FIN.]")


def test_kinds_of_blocks() -> None:
    listed = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr></w:pPr>' + runs("[Un point]") + "</w:p>"
    document = read(
        docx(
            paragraph("[Le tram revient]", "Titre")
            + paragraph("[Les faits]", "Titre1")
            + paragraph("[Il roule.]")
            + paragraph("[Un chapitre]", "Chapitre")
            + paragraph("[« Oui », dit-elle.]", "Citation")
            + paragraph("[Une rame]", "Lgende")
            + paragraph("[Un autre point]", "Listepuces")
            + paragraph("[Les faits]", "TM1")
            + listed.format(1)
            + listed.format(0)
            + f"<w:tbl><w:tr><w:tc>{paragraph('[une case]')}</w:tc></w:tr></w:tbl>"
            + f"<w:sdt><w:sdtContent>{paragraph('[Partager]')}</w:sdtContent></w:sdt>"
        ),
        "a.docx",
    )
    assert [(b.kind, b.level, b.text) for b in document.blocks] == [
        ("title", 1, "Le tram revient"),
        ("heading", 2, "Les faits"),
        ("paragraph", 0, "Il roule."),
        ("heading", 2, "Un chapitre"),
        ("quote", 0, "« Oui », dit-elle."),
        ("caption", 0, "Une rame"),
        ("list-item", 0, "Un autre point"),
        ("list-item", 0, "Les faits"),
        ("list-item", 0, "Un point"),
        ("paragraph", 0, "Un point"),
        ("list-item", 0, "une case"),
        ("paragraph", 0, "Partager"),
    ]


def test_notes_headers_and_footers_come_after_the_body() -> None:
    data = docx(
        paragraph("[Le corps.]"),
        header=paragraph("[Un en-tête]"),
        footer=paragraph('[Page ]<w:fldSimple w:instr="PAGE">[1]</w:fldSimple>'),
        footnotes=f'<w:footnote w:id="2">{paragraph("<w:r><w:footnoteRef/></w:r>[ Une note.]")}</w:footnote>',
        comments=f'<w:comment w:id="1">{paragraph("[Un avis.]")}</w:comment>',
        properties="<dc:title>Le tram</dc:title><dc:language>fr-FR</dc:language>",
        more={"word/media/image1.png": b"\x89PNG", "customXml/item1.xml": "<a/>"},
    )
    document = read(data, "a.docx")
    assert [b.text for b in document.blocks] == ["Le corps.", "Une note.", "Un en-tête", "Page 1"]
    before, after = unpack(data), unpack(write_form(translated(document, str.upper)))
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    texts = {"word/document.xml", "word/footnotes.xml", "word/header1.xml", "word/footer1.xml"}
    assert changed == {*texts, "word/styles.xml", "docProps/core.xml"}
    assert b"<dc:title>Le tram</dc:title><dc:language>en-US</dc:language>" in after["docProps/core.xml"]
    assert b'w:val="en-US" w:eastAsia="en-US"' in after["word/styles.xml"] and b"fr-FR" not in after["word/styles.xml"]
    assert "UNE NOTE." in after["word/footnotes.xml"].decode() and "Un avis." in after["word/comments.xml"].decode()


BOX = "<w:txbxContent>{}</w:txbxContent>"


def test_a_text_box_is_one_block_with_two_places() -> None:
    box = BOX.format(paragraph("[Un encadré ][b|utile]"))
    drawing = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:docPr id="1" name="x" descr="Une rame &amp; son quai"/>'
        f"<wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    data = docx(paragraph(f"[Le tram]{drawing}[ roule.]") + paragraph("[Fin.]"))
    document = read(data, "a.docx")
    assert [(b.kind, b.text) for b in document.blocks[:3]] == [
        ("paragraph", "Le tram roule."),
        ("caption", "Une rame & son quai"),
        ("paragraph", "Un encadré utile"),
    ]
    assert body(write_form(same(document))) == body(data)
    written = body(write_form(translated(document, str.upper)))
    assert written.count(BOX.format(paragraph("[UN ENCADRÉ ][b|UTILE]"))) == 2
    assert 'descr="UNE RAME &amp; SON QUAI"' in written
    assert re.sub(r"<mc:AlternateContent>.*</mc:AlternateContent>", "", written).startswith(
        f"<w:p>{runs('[LE TRAM]')}<w:r></w:r>{runs('[ ROULE.]')}"
    )


def test_text_boxes_that_differ_are_two_blocks() -> None:
    boxes = [BOX.format(paragraph(line)) for line in ("[Un encadré]", "[Un autre]")]
    document = read(
        docx(
            f"<w:p><w:r><mc:AlternateContent><mc:Choice>{boxes[0]}</mc:Choice><mc:Fallback>{boxes[1]}</mc:Fallback>"
            "</mc:AlternateContent></w:r></w:p>"
        ),
        "a.docx",
    )
    assert [b.text for b in document.blocks] == ["Un encadré", "Un autre"]


def test_other_prefixes_and_encodings() -> None:
    data = docx(paragraph("[Le ][b|tram][ roule en été.]"))
    members = unpack(data)
    text = members["word/document.xml"].decode()
    text = re.sub(r"(</?|\s)w:", r"\1ns0:", text).replace("xmlns:w=", "xmlns:ns0=").replace("UTF-8", "UTF-16")
    members["word/document.xml"] = b"\xff\xfe" + text.encode("utf-16-le")
    document = read(pack(members), "a.docx")
    assert document.blocks[0].text == "Le tram roule en été."
    written = unpack(write_form(translated(document, str.upper)))["word/document.xml"].decode("utf-16")
    ElementTree.fromstring(written.encode("utf-16"))
    assert '<ns0:r><ns0:rPr><ns0:b/></ns0:rPr><ns0:t xml:space="preserve">TRAM</ns0:t></ns0:r>' in written


def test_what_is_deleted_is_said() -> None:
    document = read(docx(paragraph("[Le tram]<w:del><w:r><w:delText> rouge</w:delText></w:r></w:del>[ roule.]")), "a.docx")
    assert document.notes == ("tracked deletions (1) stay in French; what is left when the changes are accepted is translated",)


def test_it_says_that_it_is_machine_translation() -> None:
    document = translated(read(docx(paragraph("[Le tram.]")), "a.docx"), str.upper)
    text = unpack(render(document, "same"))["word/document.xml"].decode()
    ElementTree.fromstring(text)
    assert "</w:document>\n<!-- " in text and text.endswith(" -->\n") and '"source_sha256":' in text.splitlines()[-1]


WORD = st.sampled_from(["le", "tram ", " ", "Nantes. ", "l’eau ", "3,5 ", "&amp;", "« oui » ", "!", "", "Été"])
CODE = st.sampled_from(["make", " x=1", "ls -l ", "f(a) "])
THINGS = [
    '<w:bookmarkStart w:id="0" w:name="x"/>',
    "<w:r><w:footnoteReference w:id='2'/></w:r>",
    "<w:r><w:tab/></w:r>",
    '<w:proofErr w:type="gramStart"/>',
    "<w:r><w:br/></w:r>",
    "<w:del><w:r><w:delText>x</w:delText></w:r></w:del>",
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
    "<w:r><w:instrText>PAGE</w:instrText></w:r>",
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    "<w:r><w:drawing><a:b xmlns:a='urn:a'/></w:drawing></w:r>",
    "<!-- x -->",
]
WRAPS = [
    ('<w:hyperlink r:id="rId90">', "</w:hyperlink>"),
    ('<w:ins w:id="9">', "</w:ins>"),
    ('<w:fldSimple w:instr="X">', "</w:fldSimple>"),
    ("<w:sdt><w:sdtPr/><w:sdtContent>", "</w:sdtContent></w:sdt>"),
]


@st.composite
def line(draw: st.DrawFn, depth: int = 0) -> str:
    parts = []
    for _ in range(draw(st.integers(0, 6))):
        what = draw(st.integers(0, 9))
        if what == 0 and depth < 3:
            opens, closes = draw(st.sampled_from(WRAPS))
            parts.append(opens + draw(line(depth + 1)) + closes)
        elif what in (1, 2):
            parts.append(draw(st.sampled_from(THINGS)))
        elif what == 3:
            inner = draw(
                st.lists(st.sampled_from(["<w:t>un</w:t>", "<w:tab/>", "<w:br/>", "<w:sym/>", "<w:t> deux </w:t>"]), max_size=4)
            )
            parts.append(f"<w:r>{draw(st.sampled_from(list(LOOKS.values())))}{''.join(inner)}</w:r>")
        else:
            look = draw(st.sampled_from(["", "b|", "i|", "c|", "fr|"]))
            parts.append(f"[{look}{draw(CODE if look == 'c|' else WORD)}]")
    return "".join(parts)


def things(root: ElementTree.Element) -> list[str]:
    """What must neither be lost nor doubled: every element but runs, letters, looks and marks of spelling."""
    free = {"r", "t", "rPr", "b", "i", "lang", "rStyle", "proofErr", "softHyphen", "lastRenderedPageBreak"}
    return [e.tag.rpartition("}")[2] for e in root.iter() if e.tag.rpartition("}")[2] not in free]


@given(st.lists(line(), min_size=1, max_size=4), st.data())
@settings(max_examples=250, deadline=None)
def test_generated_documents_keep_everything(lines: list[str], data: st.DataObject) -> None:
    # Of a word in two marks, one may take the place of code beside it.
    lines = [
        re.sub(r"\]|(?=</w:t>)", lambda m: f" {m[0]}", text) if "[c|" in text or "CodeHTML" in text else text for text in lines
    ]
    source = docx("".join(map(paragraph, lines)))
    try:
        document = read(source, "a.docx")
    except InputError:
        return
    if any(segment.source.count("`") % 2 for segment in document.segments):  # code that a sentence ends in is set whole
        return
    assert body(write_form(same(document))) == body(source)
    told = translated(document, lambda word: word[::-1].capitalize())
    if data.draw(st.booleans()):  # links at random, words in another order

        def shuffled(segment):
            if "`" in segment.source:  # code that stands twice may not stand where its marks are any more
                return segment
            words = re.findall(r"`[^`]*`|[^\s`]+", segment.target)
            target = " ".join(data.draw(st.permutations(words)))
            return replace(segment, target=target, links=())

        told = told.with_segments([shuffled(segment) for segment in told.segments])
    before, after = unpack(source), unpack(write_form(told))
    assert list(before) == list(after)
    assert all(before[n] == after[n] for n in before if n not in ("word/document.xml", "word/styles.xml")), "untouched"
    old, new = ElementTree.fromstring(before["word/document.xml"]), ElementTree.fromstring(after["word/document.xml"])
    if any(s.target != s.source for s in told.segments):
        assert sorted(things(old)) == sorted(things(new)), "none lost, none doubled"
    again = read(write_form(told), "a.docx")
    wanted = ["".join("".join(s.target for s in b.segments).split()).replace("`", "") for b in told.blocks]
    assert ["".join(b.text.split()).replace("`", "") for b in again.blocks] == wanted
    assert len(told.segments) == len(document.segments)


def test_strange_documents_are_read_and_written_in_time() -> None:
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{sign}"/></w:r>' for sign in ("begin", "end"))
    for text in (
        "".join(f"[{'b|' if n % 2 else ''}mot{n} ]" for n in range(800)),
        "[mot]" + begin * 2000 + end * 2000,
        "[mot]" + begin * 4000,
        "".join(f"[c|x{n}][ et ]" for n in range(400)),
        "<w:ins>" * 150 + "[mot]" + "</w:ins>" * 150,
    ):
        document = read(docx(paragraph(text)), "a.docx")
        assert body(write_form(translated(document, str.upper))).count("MOT") == text.count("mot")
