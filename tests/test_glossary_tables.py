"""Glossary files, glossaries, their merging and their lint."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.errors import GlossaryError
from bilingual.glossary import Glossary, Term, default_glossary, load_glossary, merge
from bilingual.glossary.lint import POS, lint
from bilingual.glossary.model import digest, same_source_key
from bilingual.glossary.tables import COLUMNS, Form, read_table, write_table

ROOT = Path(__file__).parent.parent
CASES: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "glossary_tables.json").read_text(encoding="utf-8"))
DEFAULTS = {field.name: field.default for field in fields(Term)}


def _params(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["label"]) for case in cases]


def _shown(term: Term) -> dict[str, Any]:
    values = {name: getattr(term, name) for name in DEFAULTS}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items() if v != DEFAULTS[name]}


@pytest.mark.parametrize("case", _params(CASES["read"]))
def test_tables_that_are_read(case: dict[str, Any]) -> None:
    glossary = read_table(case["text"], "g")
    assert [_shown(term) for term in glossary.terms] == case["terms"]
    assert read_table(case["text"].encode(), "g") == glossary


@pytest.mark.parametrize("case", _params(CASES["broken"]))
def test_tables_that_are_broken(case: dict[str, Any]) -> None:
    with pytest.raises(GlossaryError) as caught:
        read_table(case["text"], "g")
    assert str(caught.value).split("\n") == case["messages"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(GlossaryError, match=r"missing\.tsv: No such file"):
        load_glossary(tmp_path / "missing.tsv")
    with pytest.raises(GlossaryError, match="directory"):
        load_glossary(tmp_path)
    latin = tmp_path / "latin.tsv"
    latin.write_bytes("source\ttarget\nété\tsummer\n".encode("latin-1"))
    with pytest.raises(GlossaryError, match=r"latin\.tsv:2: is not UTF-8; save the file as UTF-8"):
        load_glossary(latin)
    long = tmp_path / "long.tsv"
    long.write_text("source\ttarget\n" + "a" * 2000 + "\tx\n")
    with pytest.raises(GlossaryError, match=r"long\.tsv:2: source is longer than 1000 characters"):
        load_glossary(long)


def test_load_names_the_glossary_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_bytes(b"\xef\xbb\xbfsource\ttarget\r\npuce\tchip\r\n")
    glossary = load_glossary(path)
    assert glossary.name == "mine.tsv"
    assert glossary.terms == (Term("puce", "chip", line=2),)


# --- writing -----------------------------------------------------------------------------------------------------------------

CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).map(
    lambda text: re.sub(r"[|\s]+", " ", text).strip() + "x"
)
TERMS = st.builds(
    Term,
    source=CELL.map(
        lambda s: read_table(f"source\ttarget\n{s}\tx\n").terms[0].source if not s.startswith(("#", '"')) else "x" + s[1:]
    ),
    target=CELL,
    target_variants=st.lists(CELL, max_size=2, unique=True).map(tuple),
    pos=st.sampled_from(sorted(POS)),
    case=st.sampled_from(["match", "as is", "upper"]),
    level=st.sampled_from(["strict", "prefer", "report"]),
    unless=st.sampled_from([None, "before: a | b*", "chien"]),
    note=CELL,
)


@given(st.lists(TERMS, max_size=3, unique_by=lambda t: (same_source_key(t.source), t.pos)))
def test_our_own_form_comes_back(terms: list[Term]) -> None:
    glossary = Glossary((Term("premier", "first"), *(t for t in terms if same_source_key(t.source) != "premier")))
    text, lost = write_table(glossary)
    again = read_table(text)
    assert not lost
    as_read = read_table(write_table(again)[0])
    assert as_read.sha256 == again.sha256
    assert [t.source for t in again.terms] == [_nfc(t.source) for t in glossary.terms]
    assert [t.note for t in again.terms] == [_nfc(t.note) for t in glossary.terms]


def _nfc(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("source", ["#IA", '"IA"', 'l"IA', "# IA"])
def test_sources_that_look_like_syntax_come_back(source: str) -> None:
    assert read_table(write_table(Glossary((Term(source, "AI"),)))[0]).terms[0].source == source


GLOSSARY = Glossary(
    (
        Term(
            "puce, petite",
            "chip",
            ("pastille",),
            ("microchip",),
            "noun",
            "",
            "upper",
            "preferred",
            "prefer",
            "chien",
            "a note",
            2,
        ),
        Term("puce, petite", "flea", status="forbidden", line=3),
        Term("xAI", "xAI", status="do-not-translate", line=4),
        Term("pastille", "pellet", line=5),
    )
)


@pytest.mark.parametrize("form", [form for form in get_args(Form) if form != "bilingual"])
def test_forms_of_the_services(form: Form) -> None:
    text, lost = write_table(GLOSSARY, form)
    rows = [(t.source, t.target) for t in read_table(text).terms]
    assert rows == [("puce, petite", "chip"), ("pastille", "chip"), ("xAI", "xAI")]
    assert lost == (
        "line 2: puce, petite: target variants (microchip) is lost",
        "line 2: puce, petite: pos (noun) is lost",
        "line 2: puce, petite: case (upper) is lost",
        "line 2: puce, petite: level (prefer) is lost",
        "line 2: puce, petite: unless (chien) is lost",
        "line 2: puce, petite: note (a note) is lost",
        "line 3: puce, petite: the forbidden rendering 'flea' is lost",
        "line 5: pastille: 'pastille' is 'chip' already; 'pellet' is left out",
    )


def test_header_of_languages_for_amazon_alone() -> None:
    assert write_table(GLOSSARY, "amazon-csv")[0].startswith("fr,en\n")
    assert write_table(GLOSSARY, "google-csv")[0].startswith('"puce, petite",chip\n')


@pytest.mark.parametrize(("form", "limit"), [("deepl-tsv", 1024), ("amazon-csv", 200), ("google-csv", None)])
def test_length_limits_of_the_services(form: Form, limit: int | None) -> None:
    text, lost = write_table(Glossary((Term("é" * 600, "x"), Term("puce", "chip"))), form)
    assert ("é" in text) is (limit is None)
    assert lost == (() if limit is None else (f"{'é' * 600}: is longer than {limit} bytes and left out",))


# --- glossaries --------------------------------------------------------------------------------------------------------------


def test_digest_counts_what_changes_a_translation() -> None:
    term = Term(
        "puce", "chip", ("pastille",), ("microchip",), "noun", "chips", "upper", "preferred", "prefer", "chien", "a note", 3
    )
    same = (replace(term, note="other"), replace(term, line=9))
    assert {digest([t]) for t in same} == {digest([term])}
    changed = [
        replace(term, source="puces"),
        replace(term, target="flea"),
        replace(term, source_variants=()),
        replace(term, target_variants=()),
        replace(term, pos=""),
        replace(term, plural=""),
        replace(term, case="match"),
        replace(term, status="forbidden"),
        replace(term, level="strict"),
        replace(term, unless=None),
    ]
    assert len({digest([t]) for t in (term, *changed)}) == len(changed) + 1


def test_digest_does_not_depend_on_how_the_file_is_written() -> None:
    plain = read_table("source\ttarget\tnote\ndonnée\tdatum\t\n", "a")
    other = read_table("\ufeff# mine\r\ntarget\tsource\r\ndatum\tdonne\u0301e\r\n", "b")
    assert plain.sha256 == other.sha256
    assert len(plain.sha256) == 64


def test_merge_lets_the_first_win() -> None:
    first = Glossary((Term("puce", "chip", ("pastille",)), Term("bug", "flea", status="forbidden", line=4)), "a")
    second = Glossary(
        (
            Term("Puce", "flea", line=2),
            Term("micropuce", "microchip", ("pastille",), line=3),
            Term("carte", "card", line=4),
            Term("puce", "chip", line=5),
            Term("bug", "flea", line=6),
            Term("puce", "chip", status="forbidden", line=7),
            Term("puce", "bug", status="forbidden", line=8),
        ),
        "b",
    )
    merged = merge([first, second])
    assert [(t.source, t.target, t.source_variants, t.status) for t in merged.glossary.terms] == [
        ("puce", "chip", ("pastille",), "preferred"),
        ("bug", "flea", (), "forbidden"),
        ("micropuce", "microchip", (), "preferred"),
        ("carte", "card", (), "preferred"),
        ("puce", "bug", (), "forbidden"),
    ]
    assert merged.lost == (
        "b:2: Puce → flea gives way to Puce → chip (a)",
        "b:3: pastille → microchip gives way to pastille → chip (a)",
        "b:6: bug → flea (preferred) is left out: flea is forbidden (a)",
        "b:7: puce → chip (forbidden) is left out: chip is wanted (a)",
    )
    assert merged.glossary.name == "a + b"


def test_merge_of_one_is_itself() -> None:
    merged = merge([default_glossary()])
    assert merged.glossary == default_glossary()
    assert merged.glossary.sha256 == default_glossary().sha256
    assert merged.lost == ()


# --- the glossary of the package -------------------------------------------------------------------------------------------------


def test_the_packaged_glossary_is_the_one_at_the_top() -> None:
    top = (ROOT / "glossary" / "tech.fr-en.tsv").read_bytes()
    assert (ROOT / "bilingual" / "glossary" / "tech.fr-en.tsv").read_bytes() == top
    assert default_glossary() == load_glossary(ROOT / "glossary" / "tech.fr-en.tsv")


def test_the_packaged_glossary_has_what_is_promised() -> None:
    glossary = default_glossary()
    wanted = {term.source: term.target for term in glossary.terms if term.status != "forbidden"}
    assert len(glossary.terms) >= 130
    for source, target in {
        "GPU": "GPU",
        "processeur graphique": "graphics processing unit",
        "supercalculateur": "supercomputer",
        "gigafactory": "gigafactory",
        "gigafactory de calcul": "compute gigafactory",
        "centre de données": "data center",
        "puce": "chip",
        "apprentissage automatique": "machine learning",
        "intelligence artificielle générative": "generative artificial intelligence",
        "levée de fonds": "funding round",
        "valorisation": "valuation",
        "refroidissement liquide": "liquid cooling",
        "mise en service": "commissioning",
    }.items():
        assert wanted[source] == target
    ambiguous = {t.source: t for t in glossary.terms if t.status == "preferred"}
    for source in ("puce", "valorisation", "formation", "entraînement", "grappe", "serveur", "batterie", "brevet", "jeton"):
        assert ambiguous[source].level == "prefer" and ambiguous[source].unless


def test_the_packaged_glossary_has_no_finding_but_notes() -> None:
    assert [f for f in lint(default_glossary()) if f.severity != "note"] == []


# --- lint --------------------------------------------------------------------------------------------------------------------


def kinds(*terms: Term, **options: Any) -> list[tuple[int, str, str]]:
    return [(f.line, f.severity, f.kind) for f in lint(Glossary(terms), **options)]


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ([Term("puce", "chip", line=1)], []),
        ([Term("puce", "chip", line=1), Term("puce", "chip", line=2)], [(2, "warning", "duplicate")]),
        ([Term("puce", "chip", line=1), Term("micropuce", "chip", ("puce",), line=2)], [(2, "warning", "duplicate")]),
        ([Term("puce", "chip", line=1), Term("puce", "flea", line=2)], [(2, "error", "conflict")]),
        ([Term("puce", "chip", line=1), Term("bête", "flea", ("puce",), line=2)], [(2, "error", "conflict")]),
        ([Term("puce", "chip", line=1, unless="chien"), Term("puce", "flea", line=2)], [(2, "note", "conflict")]),
        ([Term("puce", "chip", line=1), Term("puce", "chip", status="forbidden", line=2)], [(1, "error", "conflict")]),
        ([Term("Puce", "chip", ("puce",), line=1)], [(1, "warning", "case-only")]),
        ([Term("puce", "flea", status="forbidden", line=n) for n in (1, 2)], [(2, "warning", "duplicate")]),
        ([Term("carte à puce", "smart card", line=1), Term("puce", "chip", line=2)], [(1, "note", "nested")]),
        ([Term("IA générative", "generative AI", line=1), Term("IA", "AI", line=2)], [(2, "note", "short")]),
        ([Term("agent d'IA", "agent", line=1), Term("IA générative", "GenAI", line=2)], [(1, "note", "straddling")]),
        ([Term("OR", "gold", line=1)], [(1, "warning", "short")]),
        ([Term("an", "year", line=1)], [(1, "warning", "short")]),
        ([Term("la puce", "chip", line=1)], [(1, "warning", "article")]),
        ([Term("puce", "the chip", line=1)], [(1, "warning", "article")]),
        ([Term("pu\u200bce", "chip", line=1)], [(1, "error", "characters")]),
        ([Term("puce", "chi\u202ep", line=1)], [(1, "error", "characters")]),
        ([Term("centre\u00a0de calcul", "center", line=1)], [(1, "note", "characters")]),
        ([Term("++", "plus", line=1)], [(1, "error", "characters"), (1, "warning", "short")]),
        ([Term("donne\u0301e", "datum", line=1)], [(1, "warning", "nfc")]),
        ([Term("puce", "chip", unless="(a", line=1)], [(1, "error", "context")]),
        ([Term("puce", "chip", pos="thing", line=1)], [(1, "warning", "pos")]),
        ([Term("x" * 201, "chip", line=1)], [(1, "note", "limit")]),
        ([Term("x" * 1025, "chip", line=1)], [(1, "note", "limit"), (1, "note", "limit")]),
        ([Term("un deux trois quatre cinq", "five", pos="proper noun", line=1)], [(1, "note", "limit")]),
    ],
)
def test_lint(terms: list[Term], found: list[tuple[int, str, str]]) -> None:
    assert kinds(*terms) == found


def test_lint_asks_whether_the_model_can_spell() -> None:
    terms = (Term("puce", "chip", target_variants=("чип",), line=1), Term("puce", "ψ", status="forbidden", line=2))
    assert kinds(*terms, can_spell=str.isascii) == [(1, "error", "spelling")]
    assert kinds(*terms) == []


def test_columns_are_the_fields_of_a_term() -> None:
    assert {name.replace(" ", "_") for name in COLUMNS} == {name for name in DEFAULTS if name != "line"}


def test_a_spelling_that_is_not_to_be_translated_stays_itself_in_every_form() -> None:
    rows = Glossary((Term("xAI", "xAI", source_variants=("X.AI",), status="do-not-translate"),))
    assert write_table(rows, "deepl-tsv")[0] == "xAI\txAI\nX.AI\tX.AI\n"
