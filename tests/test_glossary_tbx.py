"""TBX in and out: what is read, what is refused, what comes back."""

from __future__ import annotations

import json
import re
import socket
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.errors import GlossaryError
from bilingual.glossary import Glossary, Term, default_glossary
from bilingual.glossary.files import load, load_noting
from bilingual.glossary.lint import POS
from bilingual.glossary.model import same_source_key
from bilingual.glossary.tbx import NAMESPACE, read_tbx, write_tbx
from bilingual.inflection import fold

FOLDER = Path(__file__).parent / "cases" / "tbx"
CASES: dict[str, Any] = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
DEFAULTS = {field.name: field.default for field in fields(Term)}


def shown(term: Term) -> dict[str, Any]:
    values = {name: getattr(term, name) for name in DEFAULTS}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items() if v != DEFAULTS[name]}


@pytest.mark.parametrize("case", CASES["files"], ids=lambda case: case["file"])
def test_files_that_are_read(case: dict[str, Any]) -> None:
    glossary, said = read_tbx((FOLDER / case["file"]).read_bytes(), case["file"])
    assert [shown(term) for term in glossary.terms] == case["terms"]
    assert list(said) == case["said"]
    assert glossary.name == case["file"]
    assert load(FOLDER / case["file"]) == glossary


@pytest.mark.parametrize("case", CASES["broken"], ids=lambda case: case["label"])
def test_files_that_are_refused(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: Any, **__: Any) -> None:
        raise AssertionError("something was loaded")

    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(socket, "socket", opened)
    with pytest.raises(GlossaryError) as caught:
        read_tbx(case["text"].encode() if case.get("bytes") else case["text"], "g")
    assert str(caught.value).split("\n") == case["messages"]


def test_what_is_wrong_is_said_with_the_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.TBX"
    path.write_text("<tmx/>")
    with pytest.raises(GlossaryError, match=rf"^{re.escape(str(path))}:1: is not TBX"):
        load(path)
    with pytest.raises(GlossaryError, match=r"missing\.tbx: No such file"):
        load(tmp_path / "missing.tbx")


def test_other_files_are_tables(tmp_path: Path) -> None:
    (tmp_path / "mine.tsv").write_text("source\ttarget\npuce\tchip\n")
    assert load_noting(tmp_path / "mine.tsv") == (Glossary((Term("puce", "chip", line=2),), "mine.tsv"), ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    text = body(entry("énergie", "energy"))
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert read_tbx((mark + text).encode(encoding))[0].terms[0].source == "énergie"
    assert read_tbx("\ufeff" + text)[0].terms[0].source == "énergie"


def body(*entries: str) -> str:
    return f"<martif><text><body>{''.join(entries)}</body></text></martif>"


def entry(french: str, english: str, said: str = "") -> str:
    sets = (f'<langSet xml:lang="{c}"><tig><term>{t}</term></tig></langSet>' for c, t in (("fr", french), ("en", english)))
    return f"<termEntry>{said}{''.join(sets)}</termEntry>"


@pytest.mark.parametrize(
    ("said", "french", "english", "status", "note"),
    [
        ("<note>Do not translate</note>", "xAI", "xAI", "do-not-translate", ""),
        ("<note>DO-NOT-TRANSLATE!</note>", "xAI", "xAI", "do-not-translate", ""),
        ("<note>DNT</note><note>société</note>", "xAI", "xAI", "do-not-translate", "société"),
        ("<note>dnt</note>", "xAI", "", "do-not-translate", ""),
        ('<descrip type="Translation needed">No</descrip>', "xAI", "xAI", "do-not-translate", ""),
        ('<descrip type="Translation needed">Yes</descrip>', "xAI", "xAI", "preferred", ""),
        ("", "xAI", "xAI", "preferred", ""),
        ("<note>do not translate as flea</note>", "puce", "chip", "preferred", "do not translate as flea"),
        ("<note>do not translate</note>", "puce", "chip", "preferred", "do not translate"),
    ],
)
def test_marks_of_what_is_not_translated(said: str, french: str, english: str, status: str, note: str) -> None:
    (term,) = read_tbx(body(entry(french, english, said)))[0].terms
    assert (term.source, term.target, term.status, term.note) == (french, english or french, status, note)


def test_a_deprecated_spelling_of_an_allowed_term_is_allowed() -> None:
    names = (
        "<tig><term>chip</term></tig><tig><term>Chip</term><termNote type='administrativeStatus'>deprecatedTerm</termNote></tig>"
    )
    text = body(
        f'<termEntry><langSet xml:lang="fr"><tig><term>puce</term></tig></langSet><langSet xml:lang="en">{names}</langSet></termEntry>'
    )
    glossary, said = read_tbx(text, "g")
    assert [(t.target, t.status) for t in glossary.terms] == [("chip", "preferred")]
    assert said == ("g:1: 'Chip' is deprecated and allowed in one entry; it is allowed",)


# --- writing -----------------------------------------------------------------------------------------------------------------

ORDER = {  # TBX-Basic: what may stand in an element, in this order
    "tbx": ["tbxHeader", "text"],
    "tbxHeader": ["fileDesc"],
    "fileDesc": ["titleStmt", "sourceDesc"],
    "titleStmt": ["title"],
    "sourceDesc": ["p"],
    "text": ["body"],
    "body": ["conceptEntry"],
    "conceptEntry": ["note", "langSec"],
    "langSec": ["termSec"],
    "termSec": ["term", "termNote", "note"],
}
ALLOWED = {
    "partOfSpeech": {"noun", "verb", "adjective", "adverb", "other"},
    "administrativeStatus": {"preferredTerm-admn-sts", "admittedTerm-admn-sts", "deprecatedTerm-admn-sts"},
    "termType": {"acronym", "phrase"},
}


def check_basic(text: str) -> None:
    """Whether a text follows TBX-Basic in dca style as far as we use it."""
    root = ElementTree.fromstring(text.encode())
    assert root.attrib == {"style": "dca", "type": "TBX-Basic", "{http://www.w3.org/XML/1998/namespace}lang": "en"}
    ids = [node.attrib["id"] for node in root.iter(f"{{{NAMESPACE}}}conceptEntry")]
    assert len(ids) == len(set(ids))
    for node in root.iter():
        assert node.tag.startswith(f"{{{NAMESPACE}}}")
        inside = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in node]
        order = ORDER.get(node.tag.removeprefix(f"{{{NAMESPACE}}}"), [])
        assert [order.index(tag) for tag in inside] == sorted(order.index(tag) for tag in inside)
        if node.tag.endswith("}termNote"):
            assert node.text in ALLOWED[node.attrib["type"]]


ROWS = (
    Term("puce", "chip", ("pastille",), ("microchip",), "noun", "chipz", "upper", "preferred", "prefer", "chien", "R&D <b>", 2),
    Term("puce", "flea", ("pastille",), (), "noun", status="forbidden", note="l'insecte", line=3),
    Term("puce", "flea", unless="électronique", line=4),
    Term("xAI", "xAI", ("X.AI",), pos="proper noun", status="do-not-translate", line=5),
    Term("calque", "calk", target_variants=("calque",), status="forbidden", line=6),
    Term("pa\x01ge", "page", line=7),
    Term("double  espace", "double space", pos="thing", line=8),
)


def test_a_glossary_is_written() -> None:
    text, lost = write_tbx(Glossary(ROWS, "essai"))
    check_basic(text)
    assert lost == (
        "line 2: puce: plural (chipz) is lost",
        "line 2: puce: case (upper) is lost",
        "line 2: puce: level (prefer) is lost",
        "line 2: puce: unless (chien) is lost",
        "line 4: puce: unless (électronique) is lost",
        "line 5: xAI: part of speech (proper noun) becomes noun",
        "line 7: pa\x01ge: has U+0001, which XML cannot hold; left out",
        "line 8: double  espace: part of speech (thing) becomes other",
        "line 8: double  espace: white space becomes single spaces",
    )
    assert text.count("<conceptEntry") == 5  # the forbidden rendering joins the entry of its term
    again, said = read_tbx(text, "g")
    assert [shown(replace(term, line=0)) for term in again.terms] == [
        {
            "source": "puce", "target": "chip", "source_variants": ["pastille"], "target_variants": ["microchip"],
            "pos": "noun", "note": "R&D <b>",
        },
        {"source": "puce", "target": "flea", "source_variants": ["pastille"], "pos": "noun", "status": "forbidden", "note": "l'insecte"},
        {"source": "puce", "target": "flea"},
        {"source": "xAI", "target": "xAI", "source_variants": ["X.AI"], "pos": "noun", "status": "do-not-translate"},
        {"source": "calque", "target": "calk", "status": "forbidden"},
        {"source": "calque", "target": "calque", "status": "forbidden"},
        {"source": "double espace", "target": "double space", "pos": "other"},
    ]  # fmt: skip
    assert len(said) == 1 and "'puce' is 'flea' here and 'chip' in line 11" in said[0]


def test_the_packaged_glossary_comes_back() -> None:
    glossary = default_glossary()
    text, _ = write_tbx(glossary)
    check_basic(text)
    assert text == write_tbx(glossary)[0]
    again, _ = read_tbx(text)
    assert what_tbx_holds(again.terms) == what_tbx_holds(glossary.terms)
    assert write_tbx(replace(again, name=glossary.name, sha256=glossary.sha256)) == (text, ())


def what_tbx_holds(terms: tuple[Term, ...] | list[Term]) -> Counter[Term]:
    """The rows as TBX can hold them: no order, a forbidden rendering a row, no line, no word of what is reported as lost."""
    rows: list[Term] = []
    for term in terms:
        pos = {"proper noun": "noun"}.get(term.pos, term.pos)
        row = Term(plain(term.source), plain(term.target), unique(term.source_variants), unique(term.target_variants), pos)
        row = replace(row, status=term.status, note=plain(term.note))
        if term.status == "forbidden":
            rows += [replace(row, target=target, target_variants=()) for target in dict.fromkeys(row.targets)]
        else:
            rows.append(row)
    return Counter(rows)


def plain(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def unique(variants: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(plain, variants)))


NAME = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=8).map(
    lambda text: re.sub(r"[ \t\r\n]+", " ", text).strip(" ") + "x"
)
FIELDS = {
    "pos": st.sampled_from(sorted(POS)),
    "note": st.one_of(st.just(""), NAME),
    "level": st.sampled_from(["strict", "prefer"]),
    "unless": st.sampled_from([None, "chien"]),
}
TERM = st.one_of(
    st.builds(Term, NAME, NAME, status=st.sampled_from(["preferred", "forbidden"]), **FIELDS),
    NAME.flatmap(lambda name: st.builds(Term, st.just(name), st.just(name), status=st.just("do-not-translate"), **FIELDS)),
)


def in_all_forms(term: Term) -> tuple[str, str]:
    return same_source_key(plain(term.source)), fold(plain(term.target))


@settings(max_examples=60, deadline=None)
@given(st.lists(TERM, min_size=1, max_size=4, unique_by=in_all_forms), st.lists(NAME, max_size=3), st.lists(NAME, max_size=2))
def test_what_is_written_comes_back(terms: list[Term], sources: list[str], targets: list[str]) -> None:
    first = terms[0]
    others = [v for v in dict.fromkeys(map(plain, sources)) if v != plain(first.source)]
    terms[0] = replace(first, source_variants=tuple(others))
    if first.status != "do-not-translate":
        seen = dict.fromkeys(map(plain, targets))
        terms[0] = replace(terms[0], target_variants=tuple(v for v in seen if v != plain(first.target)))
    allowed = {
        (same_source_key(plain(s)), fold(plain(t)))
        for term in terms
        if term.status != "forbidden"
        for s in term.sources
        for t in term.targets
    }
    terms = [
        term
        for term in terms
        if term.status != "forbidden"
        or not any((same_source_key(plain(s)), fold(plain(t))) in allowed for s in term.sources for t in term.targets)
    ]
    text, lost = write_tbx(Glossary(tuple(terms), "essai"))
    if not terms:
        return
    check_basic(text)
    again, _ = read_tbx(text)
    assert what_tbx_holds(again.terms) == what_tbx_holds(terms)
    assert len([line for line in lost if "level" in line]) == sum(term.level == "prefer" for term in terms)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_text_gets_past_the_reader(text: str) -> None:
    """Whatever is given, a glossary or a GlossaryError comes out."""
    for data in (text, text.encode("utf-8", "surrogatepass"), body(text), body(entry("puce", text))):
        try:
            read_tbx(data, "g")
        except GlossaryError as error:
            assert all(re.match(r"g:\d+: ", line) for line in str(error).split("\n"))
