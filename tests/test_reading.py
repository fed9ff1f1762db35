"""The reading room: encodings, layout, kinds of blocks, lines, inputs."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.document import CLUTTER, Document
from bilingual.errors import InputError
from bilingual.reading import SUFFIXES, find_inputs, iter_lines, looks_french, read_document, read_lines
from bilingual.reading.encodings import WHITE, decode
from bilingual.reading.text import read_blocks

CASES = Path(__file__).parent / "cases"
KINDS = json.loads((CASES / "reading_kinds.json").read_text("utf-8"))
ARTICLES = json.loads((CASES / "reading_articles.json").read_text("utf-8"))

TITLE = "Le pont rouvre lundi"
ABOVE = [
    f"La passerelle {name}, fermée depuis deux ans, sera rendue aux piétons lundi matin, a annoncé la mairie. Les vélos attendront."
    for name in ("du port", "du marché", "des écoles", "de la gare", "du stade", "des quais")
]
BELOW = [
    f"Le chantier de la rive {side} a mobilisé soixante personnes pendant deux hivers, selon le maître d’œuvre. Il reste les finitions."
    for side in ("gauche", "droite", "nord", "sud", "est")
]
FRENCH = "Le cœur de l’été à Besançon : « où ça ? » L’entrée coûte 3 €… Élise n’a pas aimé, Noël non plus.\n"


def known(case: dict[str, str], label: str) -> object:
    marks = [pytest.mark.xfail(reason=case["known_failure"], strict=True)] if "known_failure" in case else []
    return pytest.param(case, id=label, marks=marks)


# Kinds


@pytest.mark.parametrize("between", ["\n", "\n\n", "\r\n\r\n"], ids=["lines", "blank-lines", "crlf"])
@pytest.mark.parametrize("case", [known(case, case["line"][:40]) for case in KINDS])
def test_a_line_in_an_article_has_its_kind(case, between):
    blocks = read_blocks(between.join([TITLE, *ABOVE, case["line"], *BELOW]))
    block = blocks[7]
    assert (block.kind, block.text, block.level) == (case["kind"], case.get("text", case["line"]), case.get("level", 0))
    assert [b.kind for b in blocks[:7] + blocks[8:]] == ["title"] + ["paragraph"] * 11


@pytest.mark.parametrize("case", [known(case, case["label"]) for case in ARTICLES])
def test_an_article_has_its_blocks(case):
    text = "\n".join(case["text"])
    document = read_document(text.encode(), "a.md" if case.get("markdown") else "a.txt")
    found = [f"{b.kind}/{b.level}" if b.kind == "heading" else b.kind for b in document.blocks]
    assert found == case["kinds"]
    for number, expected in case.get("texts", {}).items():
        assert document.blocks[int(number) - 1].text == expected
    assert_exact(document)


def test_long_text_is_never_clutter():
    for case in KINDS:
        if case["kind"] in CLUTTER and any(map(str.isalpha, case["line"])):
            line = case["line"].rstrip(" :.!…") + " et " + "tout ce qui s’ensuit au fil de l’eau, " * 20 + "jusqu’à la mer."
            assert read_blocks("\n\n".join([TITLE, *ABOVE, line, *BELOW]))[7].kind == "paragraph", line[:40]


def test_kinds_do_not_hang_on_the_neighbours_of_a_long_paragraph():
    blocks = read_blocks("\n\n".join(ABOVE))
    assert {block.kind for block in blocks} == {"paragraph"}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("width", range(56, 121, 8))
def test_hard_wrapped_paragraphs_stay_whole_at_any_width(width, end):
    article = [
        TITLE,
        *ABOVE,
        "Deux ans de chantier",
        *BELOW[:2],
        "Il a coûté 100\u00a0000 euros, soit 3\u00a0% du budget. " * 9,
        *BELOW[2:],
    ]
    wrapped = [textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) for text in article]
    blocks = read_blocks((end * 2).join(end.join(lines) for lines in wrapped))
    assert [" ".join(block.text.split(end)) for block in blocks] == [text.strip() for text in article]
    assert [block.kind for block in blocks] == ["title", *["paragraph"] * 6, "heading", *["paragraph"] * 6]


# Spans

MARKERS = re.compile(r"(?:[#>•◦‣▪▫■●○∙⁃✓✔➔➜➤▶►*+\-–—\ufe0f]|\d{1,3}[.)]|[A-Za-z]\))*")
GLUE = str.maketrans("", "", WHITE)


def assert_exact(document: Document) -> None:
    """Spans are exact, in order and disjoint, and outside them are only white space and markers."""
    at = 0
    for number, block in enumerate(document.blocks, 1):
        start, end = block.span
        assert block.number == number
        assert at <= start < end <= len(document.text)
        assert block.text == document.text[start:end] == block.text.strip(WHITE)
        assert MARKERS.fullmatch(document.text[at:start].translate(GLUE)), document.text[at:start]
        assert block.segments == ()
        at = end
    assert MARKERS.fullmatch(document.text[at:].translate(GLUE))


SIGNS = "Le|pont|rouvre|.|?|:|«|»|- |– |• |1. |a) |> |# |* |+ |---|====|```|é|e\u0301|@lise|#pont|(@lise)|🔗".split("|")
SPACES = ["\n", "\n\n", "\r\n", "\r", *" \u00a0\u202f\u2028\x0b\x0c\x85\u200b\ufeff\u202e"]
PHRASES = ["Partager :", "Source :", "Par Jean Dupont", "https://exemple.org", "un assez long passage sans rien de particulier"]
WORDS = st.sampled_from([*SIGNS, *SPACES, *PHRASES])


@given(st.lists(WORDS, max_size=40).map("".join), st.sampled_from(["a.txt", "a.md", "-"]))
@settings(max_examples=300, deadline=None)
def test_spans_are_exact_whatever_the_text(text, name):
    try:
        document = read_document(text.encode(), name)
    except InputError:
        assert name == "a.md" or not text.removeprefix("\ufeff").strip(WHITE)  # Markdown may be all code and rules
        return
    if name != "a.md":
        assert document.text == text.removeprefix("\ufeff")
    assert_exact(document)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text):
    try:
        document = read_document(text.encode(), "a.txt")
    except InputError as error:
        assert "\n" not in str(error)
        return
    assert_exact(document)


def test_the_document_says_what_was_read():
    data = codecs.BOM_UTF8 + b"Le pont rouvre.\r\n"
    document = read_document(data, "ville/pont.TXT")
    assert document.name == "ville/pont.TXT"
    assert document.text == "Le pont rouvre.\r\n"
    assert document.source_sha256 == hashlib.sha256(data).hexdigest()
    assert (document.encoding, document.notes) == ("utf-8", ())
    assert document.blocks[0].span == (0, 15)


def test_an_unknown_suffix_is_read_as_plain_text_with_a_note():
    assert read_document(b"Bonjour.", "a.log").notes == ("unknown suffix .log: read as plain text",)
    for name in ("-", "stdin", "LISEZMOI", "a.text"):
        assert read_document(b"Bonjour.", name).notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "Le chat dort sur le tapis. " * 190_000,
        "«" * 1_000_000 + "»",
        "1. a\n\n" * 15_000,
        "– A (@a)\n" * 15_000,
        " \n" * 100_000 + "a",
    ],
    ids=["5-MB-line", "quotes", "numbers", "signatures", "blanks"],
)
def test_reading_takes_linear_time(text):
    # Seconds of processor time, generous for a slow machine; what looks back over the whole text would take minutes.
    begin = time.process_time()
    assert_exact(read_document(text.encode(), "a.txt"))
    assert time.process_time() - begin < 10


# Encodings


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
        ("cp1252", "cp1252"),
        ("iso8859-15", "iso8859-15"),
        ("mac_roman", "mac_roman"),
        ("cp850", "cp850"),
    ],
)
def test_french_comes_through_every_encoding(encoding, found):
    text = FRENCH if encoding not in ("iso8859-15", "cp850") else FRENCH.translate(str.maketrans("’…", "'."))
    if encoding == "cp850":
        text = text.replace("œ", "oe").replace("€", "F")
    decoded = decode(text.encode(encoding), "a.txt")
    assert (decoded.text, decoded.encoding) == (text, found)
    declared = encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32")
    assert bool(decoded.notes) is not declared


def test_utf_16_be_with_a_mark():
    assert decode(codecs.BOM_UTF16_BE + "Été".encode("utf-16-be"), "a.txt").text == "Été"


@given(st.text(st.sampled_from("aeiou rstln éèàçùêôîâëïœÉÀ’«»…—.,\n€"), min_size=1).filter(lambda text: text.strip()))
@settings(deadline=None)
def test_utf_8_is_taken_at_its_word(text):
    assert decode(text.encode(), "a.txt").text == text


@given(st.text(st.sampled_from("aeiourstln éèàçùêôâ ,.\n"), min_size=30).filter(lambda text: "é" in text))
@settings(deadline=None)
def test_cp1252_round_trip(text):
    text = "L’été, déjà : " + text
    decoded = decode(text.encode("cp1252"), "a.txt")
    if decoded.encoding == "cp1252":
        assert decoded.text == text
    else:  # more accents than any French text has
        assert sum(not char.isascii() for char in text) > 0.25 * len("".join(text.split()))


def test_the_note_names_the_byte():
    assert decode("Le café".encode("cp1252"), "a.txt").notes == ("read as cp1252 (not valid UTF-8 at byte 6)",)


def test_undefined_bytes_of_cp1252_fall_back_to_latin_1():
    decoded = decode("Le café d’à côté était fermé, hélas \x81".encode("latin-1", errors="ignore"), "a.txt")
    assert decoded.encoding == "latin-1"
    assert decoded.text.endswith("\x81")


def test_one_damaged_byte_does_not_garble_a_file():
    good = "Un\nÀ côté de l’été, déjà".encode()
    decoded = decode(good + b"\xe9" + "… fermé".encode() + b"\xc3", "a.txt")
    assert decoded.encoding == "utf-8"
    assert decoded.text == "Un\nÀ côté de l’été, déjà\ufffd… fermé\ufffd"
    assert decoded.notes[0].startswith(f"damaged UTF-8 (first at byte {len(good)}, line 2)")
    assert decoded.notes[1] == "2 lost characters (U+FFFD, first at line 2)"


def test_another_script_is_left_to_charset_normalizer():
    text = "Мост открывается в понедельник, сообщила мэрия города. Велосипедисты подождут до осени."
    decoded = decode(text.encode("cp1251"), "a.txt")
    assert (decoded.text, decoded.encoding) == (text, "cp1251")


@pytest.mark.parametrize("garbled", ["Ã©tÃ©", "lâ€™Ã©tÃ©", "Â« non Â»", "cÅ“ur"])
def test_mojibake_is_noted_and_left(garbled):
    decoded = decode(f"Bonjour.\nLe {garbled}.".encode(), "a.txt")
    assert decoded.text == f"Bonjour.\nLe {garbled}."
    assert "garbled" in decoded.notes[0] and "line 2" in decoded.notes[0]


@pytest.mark.parametrize("text", ["L’été à Besançon, Noël, Âge, À bientôt, Ångström, MANHÃ", FRENCH])
def test_good_french_has_no_notes(text):
    assert decode(text.encode(), "a.txt").notes == ()


def test_bidirectional_controls_are_noted_and_kept():
    decoded = decode("Le pont \u202erouvre\u2066.".encode(), "a.txt")
    assert decoded.text == "Le pont \u202erouvre\u2066."
    assert decoded.notes[0].startswith("2 bidirectional control characters (first U+202E at line 1)")


def test_a_few_control_characters_are_kept_and_noted():
    decoded = decode(b"Le pont rouvre \x07lundi matin, a dit la mairie.", "a.txt")
    assert decoded.text.count("\x07") == 1
    assert decoded.notes == ("1 control character",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "a: the file is empty; give one that has text in it"),
        (" \n\u00a0\u200b\t".encode(), "a: nothing but white space; give a file that has text in it"),
        (codecs.BOM_UTF8, "a: nothing but white space; give a file that has text in it"),
        (b"%PDF-1.7 ...", "a: looks like a PDF file, not like text; extract its text first (pdftotext does it)"),
        (b"PK\x03\x04....word/document.xml", "a: looks like a Word document (.docx), not like text; give it the suffix .docx"),
        (b"PK\x03\x04....", "a: looks like a ZIP archive, not like text; unpack it first"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a: looks like a PNG picture, not like text; give a file of text"),
        (gzip.compress(b"Bonjour."), "a: looks like a gzip archive, not like text; unpack it first (gunzip)"),
        (b"a\0b", "a: looks like a binary file, not like text (it has NUL bytes); give a file of text"),
        (bytes(range(1, 32)) * 9, "a: looks like a binary file, not like text; give a file of text"),
        (codecs.BOM_UTF16_LE + b"abc", "a: not valid UTF-16-LE at byte 2 (truncated data); save the file again as UTF-8"),
    ],
)
def test_what_is_not_text_is_refused(data, message):
    with pytest.raises(InputError) as caught:
        read_document(data, "a")
    assert str(caught.value) == message


# Lines

ANY_LINES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("\n\r\t\x0b\x0c\x85\u2028\u2029 é"), max_size=120
)


def expected_lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [line.rstrip("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


@given(ANY_LINES)
@settings(max_examples=300, deadline=None)
def test_n_lines_in_n_blocks_out(text):
    document = read_lines(text.encode(), "a.txt")
    text = text.removeprefix("\ufeff")
    assert document.text == text
    assert [block.text for block in document.blocks] == expected_lines(text)
    assert all(b.kind == "line" and b.text == text[b.span[0] : b.span[1]] for b in document.blocks)
    assert [block.number for block in document.blocks] == list(range(1, len(document.blocks) + 1))


@given(ANY_LINES)
@settings(max_examples=200, deadline=None)
def test_the_stream_gives_the_same_lines(text):
    segments = list(iter_lines(io.BytesIO(text.encode()), "-"))
    blocks = read_lines(text.encode(), "-").blocks
    assert [(s.id, s.source, s.span, s.block) for s in segments] == [(f"p{b.number}.s1", b.text, b.span, "line") for b in blocks]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (codecs.BOM_UTF8, []),
        (b"\n", [""]),
        (b"\n\n", ["", ""]),
        (b"un", ["un"]),
        (b"un\n", ["un"]),
        (b"un\n\n", ["un", ""]),
        (codecs.BOM_UTF8 + b" un \r\n\r\ndeux\r", [" un ", "", "deux"]),
        (b"un\rdeux\n", ["un\rdeux"]),
    ],
)
def test_lines_as_they_are(data, lines):
    assert [block.text for block in read_lines(data, "a").blocks] == lines
    assert [segment.source for segment in iter_lines(io.BytesIO(data), "a")] == lines


def test_carriage_returns_are_noted():
    assert read_lines(b"un\r\ndeux\r\ntrois\n", "a").notes == ("2 lines end in CR LF; the CR is not part of the line",)
    assert read_lines(b"un\r\ndeux\n", "a").notes == ("1 line ends in CR LF; the CR is not part of the line",)


def test_lines_in_another_encoding():
    document = read_lines("été\n\ncafé\n".encode("cp1252"), "a")
    assert [block.text for block in document.blocks] == ["été", "", "café"]
    assert document.encoding == "cp1252"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"un\n\xe9t\xe9\n", "-: line 2 is not valid UTF-8 at its byte 1; convert the input first (iconv -t UTF-8)"),
        (b"un\na\0b\n", "-: line 2 has NUL bytes; this is not text (tr -d '\\000' takes them out)"),
        ("été\n".encode("utf-16"), "-: looks like UTF-16; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)"),
        ("été\n".encode("utf-16-le"), "-: looks like UTF-16; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)"),
        (gzip.compress(b"un"), "-: looks like a gzip archive, not like text; unpack it first (gunzip)"),
    ],
)
def test_the_stream_stops_at_what_is_not_text(data, message):
    with pytest.raises(InputError) as caught:
        list(iter_lines(io.BytesIO(data), "-"))
    assert str(caught.value) == message


def test_the_stream_gives_lines_as_they_come():
    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            chunk = b"Le pont rouvre.\n"
            buffer[: len(chunk)] = chunk
            return len(chunk)

    segments = iter_lines(io.BufferedReader(Endless()), "-")
    assert [next(segments).id for _ in range(3)] == ["p1.s1", "p2.s1", "p3.s1"]


# Inputs


@pytest.fixture
def folder(tmp_path):
    for name in ("b.txt", "a.md", "C.TXT", "notes.csv", ".hidden.txt", "sub/d.text", "sub/.git/e.txt", "sub/deep/f.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Bonjour.\n", "utf-8")
    return tmp_path


def test_a_folder_stands_for_its_articles(folder):
    found = find_inputs([folder])
    assert [str(item.relative) for item in found] == ["C.TXT", "a.md", "b.txt", "sub/d.text", "sub/deep/f.txt"]
    assert all(item.path.is_file() and item.path == folder / item.relative for item in found)


def test_files_named_outright_are_taken_in_order_and_once(folder):
    found = find_inputs([folder / "notes.csv", folder / ".hidden.txt", folder / "b.txt", folder, folder / "b.txt"])
    assert [str(item.relative) for item in found[:3]] == ["notes.csv", ".hidden.txt", "b.txt"]
    assert [str(item.relative) for item in found].count("b.txt") == 1
    assert len(found) == 7


def test_standard_input_is_an_input():
    (found,) = find_inputs([Path("-")])
    assert (found.is_stdin, found.relative) == (True, PurePosixPath("stdin"))


def test_links_do_not_loop(folder):
    (folder / "sub" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "sub" / "link.txt").symlink_to(folder / "b.txt")
    (folder / "dangling.txt").symlink_to(folder / "nowhere.txt")
    found = [str(item.relative) for item in find_inputs([folder])]
    assert found == ["C.TXT", "a.md", "b.txt", "sub/d.text", "sub/deep/f.txt", "sub/link.txt"]
    (folder / "way.in").symlink_to(folder / "sub", target_is_directory=True)
    assert [str(item.relative) for item in find_inputs([folder / "way.in"])] == ["d.text", "deep/f.txt", "link.txt"]


def test_missing_and_empty_inputs(folder):
    with pytest.raises(InputError, match=r"nowhere\.txt: there is no such file or folder; check the path$"):
        find_inputs([folder / "b.txt", folder / "nowhere.txt"])
    (folder / "empty").mkdir()
    (folder / "empty" / "table.csv").touch()
    with pytest.raises(
        InputError, match=r"empty: no articles in this folder; put files named .*\*\.md, .*\*\.text, \*\.txt.* there"
    ):
        find_inputs([folder / "empty"])
    assert {".txt", ".text", ".md"} <= SUFFIXES


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_closed_folder_is_an_input_error(folder):
    (folder / "sub").chmod(0)
    try:
        with pytest.raises(InputError, match="cannot be read"):
            find_inputs([folder])
    finally:
        (folder / "sub").chmod(0o755)


# Language

ENGLISH = "The footbridge, closed for two years, will be given back to pedestrians on Monday morning, the town hall said."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" ".join(ABOVE), (True, "French")),
        (ENGLISH, (False, "English")),
        (
            "El puente, cerrado desde hace dos años, volverá a abrirse el lunes por la mañana, anunció el alcalde.",
            (False, "Spanish"),
        ),
        ("Il ponte, chiuso da due anni, sarà riaperto lunedì mattina, ha annunciato il sindaco della città.", (False, "Italian")),
        ("Die seit zwei Jahren gesperrte Brücke wird am Montagmorgen wieder geöffnet, teilte die Stadt mit.", (False, "German")),
        ("Мост, закрытый два года, откроется в понедельник утром, сообщила мэрия города.", (False, "Russian")),
        ("Hello world", (True, "French")),
        ("", (True, "French")),
        ("Le cluster Colossus de xAI (Memphis, Tennessee) : 100 000 GPU Nvidia H100, Dell, Supermicro", (True, "French")),
        (ABOVE[0].upper(), (True, "French")),
        ("https://www.example.org/the-quick-brown-fox " * 20 + ABOVE[1], (True, "French")),
    ],
)
def test_the_language_is_told(text, expected):
    assert looks_french(text) == expected


def test_only_the_beginning_is_looked_at():
    begin = time.process_time()
    assert looks_french(ENGLISH * 50_000) == (False, "English")
    assert time.process_time() - begin < 5


def test_importing_the_room_loads_nothing_heavy():
    code = (
        "import sys, bilingual.reading as r; r.read_document('L’été.'.encode(), 'a.txt');"
        "print([m for m in ('py3langid', 'numpy', 'charset_normalizer') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": "."}
    )
    assert done.stdout.strip() == "[]"
