"""TMX, XLIFF 1.2, XLIFF 2.1 and CSV: what is written follows the public schemas, is read by others, and comes back as it was."""

from __future__ import annotations

import csv
import io
import os
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from test_contract import full_document

from bilingual.document import Block, Document, Segment, Signature, TermHit, replay, unwind
from bilingual.errors import InputError
from bilingual.writing import FORMATS, from_jsonl, to_jsonl
from bilingual.writing.exchange import Exchange, read_exchange, read_head, shown
from bilingual.writing.exchange.table import exact, harmless
from bilingual.writing.exchange.xliff2 import GLOSSARY, SPACE

NAMES = ("tmx", "xliff", "xliff2")
OUTPUTS = sorted((ROOT / "outputs").glob("*.jsonl"))


def written(document: Document, name: str) -> bytes:
    return FORMATS[name].render(document).encode("utf-8")


def read(document: Document, name: str) -> Exchange:
    return read_exchange(written(document, name), name)


def article(*pairs: tuple[str, str], **more: Any) -> Document:
    segments = [Segment(f"p{n}.s1", fr, (0, len(fr)), target=en, score=-0.5, **more) for n, (fr, en) in enumerate(pairs, 1)]
    blocks = tuple(Block(n, "paragraph", s.source, s.span, segments=(s,)) for n, s in enumerate(segments, 1))
    origins = {"mt": len(pairs), "memory": 0, "post-edited": 0}
    return Document("a.txt", blocks, source_sha256="a" * 64, signature=Signature("1", "m@1", "e", 4, "r/1", None, "off", origins))


def from_file(path: Path) -> Document:
    return from_jsonl(path.read_text(encoding="utf-8"), str(path))


# ------------------------------------------------------------------------------------------------------------- public schemas

SCHEMAS = os.environ.get("BILINGUAL_SCHEMAS")
"""Where Debian's packages omegat and php-symfony-translation are unpacked; .ci/run sets it. What is missing there is a failure."""


def public(path: str) -> Path:
    found = next((p for p in (Path(SCHEMAS or "/") / path, Path("/") / path) if p.is_file()), None)
    if found is None and SCHEMAS:
        pytest.fail(f"no {path} in BILINGUAL_SCHEMAS")
    if found is None:
        pytest.skip(f"no /{path}: install Debian's omegat and php-symfony-translation for the public schemas")
    return found


def validator(name: str) -> Any:
    etree = pytest.importorskip("lxml.etree")
    if name == "tmx":
        jar = zipfile.ZipFile(public("usr/share/omegat/OmegaT.jar"))
        return etree.DTD(io.BytesIO(jar.read("schemas/tmx14.dtd")))
    folder = "usr/share/php/Symfony/Component/Translation/Resources/schemas"
    own = public(f"{folder}/xml.xsd")

    class Near(etree.Resolver):  # type: ignore[misc, name-defined]
        def resolve(self, url: str, public_id: str, context: Any) -> Any:
            return self.resolve_filename(str(own), context) if url.endswith("xml.xsd") else None

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Near())
    file = {"xliff": "xliff-core-1.2-strict.xsd", "xliff2": "xliff-core-2.0.xsd"}[name]
    return etree.XMLSchema(etree.parse(str(public(f"{folder}/{file}")), parser))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_follows_the_public_schema(name: str) -> None:
    schema = validator(name)
    from lxml import etree

    for document in (
        full_document(),
        Document("-", ()),
        article(("", ""), ("\x00\ufffe", "\r\n\t ]]>")),
        *map(from_file, OUTPUTS),
    ):
        text = written(document, name)
        if name == "xliff2" and not document.segments:
            continue  # the standard asks for a unit in every file
        assert schema.validate(etree.fromstring(text)), schema.error_log.last_error


def test_the_glossary_module_follows_the_standard() -> None:
    """No package carries glossary.xsd: its rules as section 5.2 of XLIFF 2.1 words them."""
    from xml.etree import ElementTree

    checked = 0
    for document in (full_document(), *map(from_file, OUTPUTS)):
        root = ElementTree.fromstring(written(document, "xliff2"))
        for unit in root.iter(f"{{{SPACE}}}unit"):
            source, target = unit.find(f".//{{{SPACE}}}source"), unit.find(f".//{{{SPACE}}}target")
            assert source is not None
            marks = [mark.get("id") for mark in source.iter(f"{{{SPACE}}}mrk")]
            other = [mark.get("id") for mark in target.iter(f"{{{SPACE}}}mrk")] if target is not None else []
            assert len(set(marks)) == len(marks) and len(set(other)) == len(other) and set(other) <= set(marks)
            glossaries = unit.findall(f"{{{GLOSSARY}}}glossary")
            assert len(glossaries) == bool(marks)
            for entry in (entry for glossary in glossaries for entry in glossary):
                assert entry.tag == f"{{{GLOSSARY}}}glossEntry"
                assert [child.tag.partition("}")[2] for child in entry] == ["term", "translation"]
                assert (entry.get("ref") or "")[1:] in marks
                checked += 1
    assert checked > 100


# --------------------------------------------------------------------------------------------------------------- there and back


@pytest.mark.parametrize("path", OUTPUTS, ids=lambda path: path.name)
@pytest.mark.parametrize("name", NAMES)
def test_the_jsonl_is_made_again_from_the_file_alone(name: str, path: Path) -> None:
    document = from_file(path)
    file = read(document, name)
    assert file.document and to_jsonl(file.document) == path.read_text(encoding="utf-8")
    assert [(u.id, u.source, u.target) for u in file.units] == [(s.id, s.source, s.target) for s in document.segments]


@pytest.mark.parametrize("name", NAMES)
def test_one_of_everything_comes_back(name: str) -> None:
    document = full_document()
    file = read(document, name)
    assert file.document and to_jsonl(file.document) == to_jsonl(document)
    assert read_head(written(document, name)[: 1 << 16]) is not None
    for unit, segment in zip(file.units, document.segments, strict=True):
        assert (unit.target is None) == (segment.origin == "failed")
        assert unit.confirmed == (segment.origin == "post-edited") or name == "tmx"


ANY = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["]]>", "<b>&amp;</b>", "\r\n", "\x00", "'=1", "\ud800", " a  b ", "\ufeff"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=4))
def test_any_text_comes_back(pairs: list[tuple[str, str]]) -> None:
    document = article(*pairs)
    for name in NAMES:
        file = read(document, name)
        assert file.document and to_jsonl(file.document) == to_jsonl(document)
        hidden = (lambda text: text) if name == "xliff2" else shown
        assert [(u.source, u.target) for u in file.units] == [(hidden(fr), hidden(en)) for fr, en in pairs]
    table = read(document, "csv")
    assert [(u.source, u.target, u.untouched) for u in table.units] == [(shown(fr), shown(en), True) for fr, en in pairs]


@settings(max_examples=300)
@given(st.text("'=+-@\t\r\n ＝a", max_size=6) | st.text())
def test_cells_are_harmless_and_come_back(text: str) -> None:
    cell = harmless(text)
    assert exact(cell) == text
    assert not cell or cell[0] not in "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_that_a_spreadsheet_has_saved_is_read(delimiter: str, encoding: str) -> None:
    document = article(("L’un ; l’autre", "One, the other"), ("=1+1\nligne", '"quoted"'))
    rows = list(csv.reader(io.StringIO(FORMATS["csv"].render(document).removeprefix("\ufeff"), newline="")))
    saved = io.StringIO(newline="")
    csv.writer(saved, delimiter=delimiter).writerows(rows)
    units = read_exchange(saved.getvalue().encode(encoding), "a.csv").units
    assert [(u.source, u.target, u.untouched) for u in units] == [(s.source, s.target, True) for s in document.segments]


# -------------------------------------------------------------------------------------------------------------- translate-toolkit


def toolkit(name: str) -> Any:
    """The reader of translate-toolkit (GPL: in the test extra alone) for a format."""
    module, reader = {"tmx": ("tmx", "tmxfile"), "xliff": ("xliff", "xlifffile"), "xliff2": ("xliff2", "Xliff2File")}[name]
    found = pytest.importorskip(
        f"translate.storage.{module}", reason="translate-toolkit is not installed (the test extra has it)"
    )
    return getattr(found, reader)


@pytest.mark.parametrize("name", NAMES)
def test_translate_toolkit_reads_the_same(name: str) -> None:
    reader = toolkit(name)
    for document in map(from_file, OUTPUTS):
        first = replace(document.segments[0], origin="post-edited")
        document = document.with_segments((first, *document.segments[1:]))
        units = [unit for unit in reader.parsestring(written(document, name)).units if not unit.isheader()]
        assert [(str(u.source), str(u.target)) for u in units] == [(s.source, s.target) for s in document.segments]
        if name != "tmx":
            assert [u.getid().split("\x04")[-1] for u in units] == [s.id for s in document.segments]
            assert [u.isapproved() for u in units] == [s.origin == "post-edited" for s in document.segments]
        if name == "xliff":
            assert [u.isfuzzy() for u in units] == [s.origin != "post-edited" for s in document.segments]
        if name != "xliff2":  # whose notes it looks for inside a segment, where the standard has none
            assert all("terms: " in u.getnotes() for u, s in zip(units, document.segments, strict=True) if s.terms)


PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=30).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PLAIN, PLAIN), min_size=1, max_size=3))
def test_translate_toolkit_reads_any_text(pairs: list[tuple[str, str]]) -> None:
    document = article(*pairs)
    for name in NAMES:
        units = [unit for unit in toolkit(name).parsestring(written(document, name)).units if not unit.isheader()]
        assert [(str(u.source), str(u.target)) for u in units] == pairs, name


# ------------------------------------------------------------------------------------------------------------------ other tools

XLIFF12 = '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="a" source-language="fr-FR" ' \
    'target-language="en-US" datatype="html"><body>{}</body></file></xliff>'  # fmt: skip
XLIFF2 = '<xliff version="2.0" srcLang="fr" trgLang="en" xmlns="urn:oasis:names:tc:xliff:document:2.0" ' \
    'xmlns:gls="urn:oasis:names:tc:xliff:glossary:2.0"><file id="f">{}</file></xliff>'  # fmt: skip
TMX = '<tmx version="1.4"><header/><body>{}</body></tmx>'


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (
            TMX.format('<tu><tuv xml:lang="FR-ca"><seg>Oui</seg></tuv><tuv xml:lang="en-GB"><seg>Yes</seg></tuv></tu>'),
            [("tu1", "Oui", "Yes")],
        ),
        (TMX.format('<tu><tuv lang="FR"><seg>Oui</seg></tuv><tuv lang="DE"><seg>Ja</seg></tuv></tu>'), [("tu1", "Oui", None)]),
        (
            TMX.format(
                '<tu tuid="7"><tuv xml:lang="fr"><seg>Un <bpt i="1">&lt;b></bpt>gras<ept i="1">&lt;/b></ept> <hi>mot</hi></seg></tuv>'
                '<tuv xml:lang="en"><seg>A bold word</seg></tuv></tu>'
            ),
            [("7", "Un gras mot", "A bold word")],
        ),
        (
            '<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx11.dtd">' + TMX.format('<tu><tuv lang="FR"><seg>Oui</seg></tuv></tu>'),
            [("tu1", "Oui", None)],
        ),
        (
            XLIFF12.format(
                '<group><trans-unit id="1"><source>Un <g id="1">mot</g><x id="2"/></source><seg-source><mrk mtype="seg" mid="1">Un</mrk>'
                '</seg-source><target>A <mrk mtype="term">word</mrk><ph id="3">{0}</ph></target><alt-trans><target>No</target></alt-trans>'
                "</trans-unit></group>"
            ),
            [("1", "Un mot", "A word")],
        ),
        (
            XLIFF2.format(
                '<unit id="u"><segment id="1"><source>Un.<cp hex="0001"/></source><target>One.</target></segment>'
                '<ignorable><source> </source></ignorable><segment><source>Deux <pc id="1">mots</pc></source></segment></unit>'
            ),
            [("u.1", "Un.\x01", "One."), ("u.3", "Deux mots", None)],
        ),
    ],
    ids=["tmx", "tmx without English", "tmx level 2", "OmegaT's doctype", "xliff 1.2", "xliff 2"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_of_other_tools_are_read(text: str, pairs: list[tuple[str, str, str | None]], encoding: str) -> None:
    file = read_exchange(text.encode(encoding), "x")
    assert [(u.id, u.source, u.target) for u in file.units] == pairs and file.document is None


def test_the_glossary_of_an_xliff_is_read() -> None:
    entry = "<gls:glossEntry><gls:term>puce</gls:term><gls:translation>chip</gls:translation></gls:glossEntry>"
    unit = f'<unit id="u"><gls:glossary>{entry}</gls:glossary><segment><source>Une puce</source><target>A flea</target></segment></unit>'
    assert read_exchange(XLIFF2.format(unit).encode(), "x").glossary == (("puce", "chip"),)


# ---------------------------------------------------------------------------------------------------------------------- hostile

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip
UNIT12 = '<trans-unit id="1"><source>Oui</source><target>Yes</target></trans-unit>'
ROOTS: list[tuple[str, Callable[[str], str]]] = [
    ("tmx", lambda inner: TMX.format(f'<tu><tuv xml:lang="fr"><seg>Oui{inner}</seg></tuv></tu>')),
    ("xliff", lambda inner: XLIFF12.format(f'<trans-unit id="1"><source>Oui{inner}</source></trans-unit>')),
    ("xliff2", lambda inner: XLIFF2.format(f'<unit id="1"><segment><source>Oui{inner}</source></segment></unit>')),
]


@pytest.mark.parametrize("make", [make for _, make in ROOTS], ids=[name for name, _ in ROOTS])
@pytest.mark.parametrize(
    ("front", "inner", "says"),
    [
        (BOMB, "&i;", "internal subset"),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "&e;", "internal subset"),
        ('<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:9/e"> %e;]>', "", "internal subset"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd">', "&e;", "XML does not know"),
        ("", "&e;", "not well-formed"),
        ("", "\x01", "not well-formed"),
        ("", "<a>" * 100 + "</a>" * 100, "inside one another"),
        ("", "</seg>", "not well-formed"),
        ('<?xml version="1.0" encoding="klingon"?>', "", "encoding"),
    ],
    ids=["bomb", "external", "parameter", "doctype", "entity", "control", "deep", "tags", "encoding"],
)
def test_hostile_xml_is_refused(
    make: Callable[[str], str], front: str, inner: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "open", None)
    text = front + make(inner)
    started = time.perf_counter()
    with pytest.raises(InputError) as caught:
        read_exchange(text.encode(), "x.tmx")
    message = str(caught.value)
    assert says in message and message.startswith("x.tmx:") and "\n" not in message and len(message) < 300
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\xff\xfe", "columns?|empty|column"),
        (b"<html/>", "root is <html>"),
        (b'<tmx version="1.4"><body>', "not well-formed"),
        (XLIFF12.format(UNIT12).replace("document:1.2", "document:9.9").encode(), "namespace"),
        (XLIFF2.format("").replace('srcLang="fr"', 'srcLang="de"').encode(), "from de into en"),
        (XLIFF12.format(UNIT12).replace("en-US", "ES").encode(), "from fr-FR into ES"),
        (XLIFF12.format('<trans-unit id="1"/>').encode(), "without <source>"),
        (XLIFF2.format('<unit id="1"/>').encode(), "without <segment>"),
        (TMX.format('<tu><tuv xml:lang="de"><seg>Ja</seg></tuv></tu>').encode(), "no French"),
        (XLIFF12.format(UNIT12).replace("Oui", "Où").encode("latin-1"), "not well-formed"),
        ("id,source,target\np1.s1,Où,Where".encode("latin-1"), "nor CSV in UTF-8"),
        (b"a,b\n1,2", "no column id, source, target"),
        (b"id,source,target\np1.s1", "has 1 cells"),
        (b'id,source,target\np1.s1,"Oui', "nor CSV"),
        (b"\x00\x01\x02", "column"),
    ],
)  # fmt: skip
def test_broken_files_are_refused_in_one_line(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_exchange(data, "x")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize("name", NAMES)
def test_broken_lines_of_ours_are_refused(name: str) -> None:
    text = written(article(("Un.", "One."), ("Deux.", "Two.")), name).decode()
    for old, new in [
        ('"span":[0,3]', '"span":"x"'),
        ('"schema":"bilingual/1"', '"schema":"bilingual/9"'),
        ('"id":"p2.s1"', '"id":"p9.s1"'),
    ]:
        assert old in text
        with pytest.raises(InputError) as caught:
            read_exchange(text.replace(old, new).encode(), "x")
        assert "\n" not in str(caught.value) and str(caught.value).startswith("x")


# ------------------------------------------------------------------------------------------------------------------------- size


def test_twenty_thousand_segments_in_seconds() -> None:
    hits = (TermHit((3, 7), "chip", (4, 8), "kept"),)
    document = article(*[("La puce de la machine est rapide.", "The chip of the machine is fast.")] * 20_000, terms=hits)
    for name in (*NAMES, "csv"):
        started = time.perf_counter()
        data = written(document, name)
        assert len(read_exchange(data, name).units) == 20_000
        assert time.perf_counter() - started < 60, name


def test_elements_are_read_in_flat_memory() -> None:
    from bilingual.markup import read_elements

    def peak(times: int) -> int:
        data = TMX.format('<tu><tuv xml:lang="fr"><seg>Oui, oui.</seg></tuv></tu>' * times).encode()
        tracemalloc.start()
        count = sum(1 for _ in read_elements(data, {"tmx"}, {"tu"}, "TMX"))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == times
        return most

    assert peak(20_000) < 2 * peak(4_000)


@pytest.mark.parametrize(
    "inside", ['a="{}"', ">{}<", "><!-- {} --><", "><?p {}?><"], ids=["attribute", "text", "comment", "instruction"]
)
def test_reading_is_linear(inside: str) -> None:
    def seconds(size: int) -> float:
        data = f'<tmx version="1.4"><header {inside.format("x" * size)}/></tmx>'.replace("</>", "</header>").replace(
            "</tmx>", "<body/></tmx>"
        )
        started = time.process_time()
        read_exchange(data.encode(), "x")
        return time.process_time() - started

    seconds(1000)
    assert seconds(16_000_000) < 12 * max(seconds(4_000_000), 0.05)


def test_a_huge_line_is_read() -> None:
    text = "mot " * 1_000_000
    for name in (*NAMES, "csv"):
        assert read(article((text, text)), name).units[0].source == text


def test_edits_of_a_file_replay() -> None:
    for path in OUTPUTS:
        document = from_file(path)
        file = read(document, "xliff")
        assert file.document
        assert all(replay(unwind(s.target, s.edits), s.edits) == s.target for s in file.document.segments)
