"""Terms in French, renderings in English: cases as data, and what holds for any text."""

from __future__ import annotations

import json
import pickle
import time
from functools import cache
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.errors import GlossaryError
from bilingual.glossary import Glossary, Term, default_glossary
from bilingual.glossary.assignment import Option, assign
from bilingual.glossary.context import holds, parse_context
from bilingual.glossary.matching import (
    Hit,
    Matcher,
    accepted_forms,
    compile_matcher,
    find_forbidden,
    find_form,
    find_hits,
    find_renderings,
)
from bilingual.glossary.tables import COLUMNS, read_table
from bilingual.glossary.tokens import tokenize
from bilingual.inflection import french_forms

FOLDER = Path(__file__).parent / "cases"
HITS = json.loads((FOLDER / "glossary_hits.json").read_text(encoding="utf-8"))["cases"]
RENDERINGS = json.loads((FOLDER / "glossary_renderings.json").read_text(encoding="utf-8"))


@cache
def tech() -> Matcher:
    return compile_matcher(default_glossary())


def matcher_of(case: dict[str, Any]) -> Matcher:
    if "terms" not in case:
        return tech()
    rows = ["\t".join(COLUMNS)]
    for source, target, *options in case["terms"]:
        cells = {"source": source, "target": target, **(options[0] if options else {})}
        rows.append("\t".join(cells.get(name, "") for name in COLUMNS))
    return compile_matcher(read_table("\n".join(rows) + "\n"))


def _params(cases: list[dict[str, Any]]) -> list[Any]:
    return [
        pytest.param(c, id=c["label"], marks=[pytest.mark.xfail(reason=c["xfail"], strict=True)] if "xfail" in c else [])
        for c in cases
    ]


@pytest.mark.parametrize("case", _params(HITS))
def test_hits(case: dict[str, Any]) -> None:
    found = find_hits(matcher_of(case), case["source"])
    assert [[hit.text, hit.wanted, hit.number] for hit in found] == case["hits"]
    for hit in found:
        assert case["source"][hit.span[0] : hit.span[1]] == hit.text


@pytest.mark.parametrize("case", _params(RENDERINGS["cases"]))
def test_renderings(case: dict[str, Any]) -> None:
    hits = find_hits(matcher_of(case), case["source"])
    found = find_renderings(hits, case["target"])
    assert [r and r.text for r in found] == case["renderings"]
    assert [r.number_agrees if r else True for r in found] == case.get("agrees", [True] * len(found))


@pytest.mark.parametrize("case", _params(RENDERINGS["forbidden"]))
def test_forbidden(case: dict[str, Any]) -> None:
    found = find_forbidden(matcher_of(case), case["source"], case["target"])
    assert [f.text for f in found] == case["found"]


def test_labels_are_unique() -> None:
    for cases in (HITS, RENDERINGS["cases"], RENDERINGS["forbidden"]):
        labels = [case["label"] for case in cases]
        assert len(labels) == len(set(labels))


def test_the_default_glossary_finds_and_renders_each_of_its_own_rows() -> None:
    """Every source and variant of every row is found as that row's target says, in the singular and in the plural."""
    matcher = tech()
    for term in default_glossary().terms:
        if term.status == "forbidden" or term.unless:
            continue
        for source in term.sources:
            for form in sorted(french_forms(source)) if term.pos in ("", "noun") else [source]:
                hits = find_hits(matcher, f"Voici {form} ici.")
                assert [hit.text for hit in hits] == [form], (term.line, form)
                assert hits[0].targets[0] in {t.target for t in matcher.glossary.terms if source in t.sources} | {source}
                for accepted in accepted_forms(hits[0]):
                    assert find_renderings(hits, f"Here is {accepted.text} now.")[0], (term.line, accepted)


def test_hit_wants_its_number() -> None:
    [hit] = find_hits(tech(), "plusieurs puces")
    assert hit.wanted == "chips"
    assert [form.text for form in accepted_forms(hit)] == ["chips", "chip", "microchips", "microchip"]


def test_preferred_rendering_is_told_from_a_variant() -> None:
    hits = find_hits(tech(), "un centre de données et un centre de données")
    first, second = find_renderings(hits, "a data center and a data centre")
    assert first and second
    assert (first.preferred, second.preferred) == (True, False)


def test_matcher_can_be_pickled() -> None:
    again = pickle.loads(pickle.dumps(tech()))
    assert find_hits(again, "une puce") == find_hits(tech(), "une puce")


@pytest.mark.parametrize(
    ("text", "chains"),
    [
        ("voir x.ai", [-1, 0, 0]),
        ("fin.Début", [-1, -1]),
        ("a@b.fr et #IA", [0, 0, 0, -1, 1]),
        ("https://a.fr/b?c=d e", [0, 0, 0, 0, 0, 0, -1]),
        ("1.5 et 10:30", [0, 0, -1, -1, -1]),
        ("L’I.A. va", [-1, -1, -1]),
    ],
)
def test_what_is_not_prose(text: str, chains: list[int]) -> None:
    assert list(tokenize(text).chains) == chains


@pytest.mark.parametrize(
    ("pattern", "sentence", "stands"),
    [
        ("déchets", "la valorisation des déchets", True),
        ("déchets", "la valorisation du déchet", True),
        ("DÉCHETS", "la valorisation des dechets", True),
        ("déchet*", "la valorisation en déchetterie", True),
        ("déchet", "la valorisation en déchetterie", False),
        ("déchets", "la valorisation ; des déchets", False),
        ("déchets", "la valorisation. Des déchets", False),
        ("déchets", "la valorisation, hors déchets", True),
        ("before: la", "la valorisation", True),
        ("before: la", "valorisation de la", False),
        ("after: des acquis", "la valorisation des acquis", True),
        ("after: des acquis", "la valorisation de ses acquis", False),
        ("after: d'actifs", "la valorisation d’actifs", True),
        ("x | y | after: des", "la valorisation des", True),
    ],
)
def test_contexts(pattern: str, sentence: str, stands: bool) -> None:
    tokens = tokenize(sentence)
    at = [word.lower() for word in tokens.words].index("valorisation")
    assert holds(parse_context(pattern), tokens, at, at) is stands


@pytest.mark.parametrize(
    "pattern", ["", "|", "a|", "before:", "near: x", "(a+)+$", "a.*b", "[ab]", "a\\b", "…", "x|" * 70 + "x", "a" * 2000]
)
def test_contexts_that_cannot_be_read(pattern: str) -> None:
    with pytest.raises(ValueError, match="unless"):
        parse_context(pattern)


# --- what holds for any text -------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    "le les des un une deux de d' l' l’ IA I.A. GPU GPUs gpu puce puces puce-espion marché aux centre centres données intelligence "
    "artificielle générative modèle modèles grand langage start-up startup super calculateur super-calculateurs supercalculateur "
    "x.ai X.AI xAI @xAI #IA https://x.fr/GPU ( ) , . ; « » - ’ ÉNERGIE énergies renouvelables R&D 100 000 1".split()
)
SENTENCES = st.one_of(
    st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS, max_size=8).map("".join), st.text(max_size=60)
)  # fmt: skip
ENGLISH_WORDS = (
    "AI ai artificial intelligence GPU GPUs chip chips chip-making data center data-centers large language model xAI XAI , ."
)
ENGLISH = st.lists(st.sampled_from(ENGLISH_WORDS.split()), max_size=14).map(" ".join)


@given(SENTENCES)
def test_hits_are_disjoint_in_order_and_inside(source: str) -> None:
    hits = find_hits(tech(), source)
    end = 0
    for hit in hits:
        assert end <= hit.span[0] < hit.span[1] <= len(source)
        assert source[hit.span[0] : hit.span[1]] == hit.text
        assert hit.targets
        assert hit.wanted
        end = hit.span[1]
    assert hits == find_hits(tech(), source)


@given(SENTENCES)
def test_no_choice_of_disjoint_terms_covers_more(source: str) -> None:
    """Against every subset of the places of a small glossary, the one that is chosen covers as many characters as any."""
    from bilingual.glossary.hits import all_places, exclusive_hits

    spans = sorted({span for term, span in all_places(tech(), source) if term.status != "forbidden"})[:9]
    best = 0
    for chosen in range(1 << len(spans)):
        picked = [span for i, span in enumerate(spans) if chosen >> i & 1]
        if all(a[1] <= b[0] for a, b in pairwise(picked)):
            best = max(best, sum(end - start for start, end in picked))
    inside = [hit.span for hit in exclusive_hits(tech(), source) if hit.span in spans]
    if len(spans) < 9:
        assert sum(end - start for start, end in inside) == best


@given(SENTENCES, ENGLISH)
def test_renderings_are_disjoint_and_allowed(source: str, target: str) -> None:
    hits = find_hits(tech(), source)
    found = find_renderings(hits, target)
    assert len(found) == len(hits)
    taken = sorted(r.span for r in found if r)
    assert all(a[1] <= b[0] for a, b in pairwise(taken))
    for hit, rendering in zip(hits, found, strict=True):
        if rendering:
            assert target[rendering.span[0] : rendering.span[1]] == rendering.text
            assert rendering.target in hit.targets


OPTIONS = st.lists(
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4), st.booleans(), st.integers(0, 2)), max_size=4), max_size=5
).map(lambda rows: [[Option((start, start + size), agrees, rank) for start, size, agrees, rank in row] for row in rows])


@given(OPTIONS)
@settings(max_examples=150)
def test_assignment_serves_as_many_hits_as_any(rows: list[list[Option]]) -> None:
    found = assign(rows)
    spans = sorted(option.span for option in found if option)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(option is None or option in row for option, row in zip(found, rows, strict=True))
    assert len(spans) == max(_served(rows, order) for order in permutations(range(len(rows))))


def _served(rows: list[list[Option]], order: tuple[int, ...], taken: tuple[tuple[int, int], ...] = ()) -> int:
    if not order:
        return len(taken)
    best = _served(rows, order[1:], taken)
    for option in rows[order[0]]:
        if all(option.span[1] <= start or end <= option.span[0] for start, end in taken):
            best = max(best, _served(rows, order[1:], (*taken, option.span)))
    return best


def test_assignment_prefers_number_then_rank_then_order() -> None:
    wrong, right = Option((0, 4), agrees=False), Option((10, 14), agrees=True, rank=2)
    assert assign([[wrong, right]]) == [right]
    here, there = Option((0, 4)), Option((10, 14))
    assert assign([[there, here], [there, here]]) == [here, there]
    assert assign([[Option((0, 4), rank=1), Option((6, 9), rank=0)]]) == [Option((6, 9), rank=0)]
    first, second = [Option((0, 2), rank=1), Option((5, 9))], [Option((0, 2)), Option((5, 9), rank=1)]
    assert assign([first, second]) == [first[1], second[0]]


def test_assignment_of_many_hits_is_complete() -> None:
    spans = [Option((10 * i, 10 * i + 4)) for i in range(200)]
    assert assign([spans] * 200) == spans
    assert sum(option is not None for option in assign([spans[:50]] * 200)) == 50
    ladder = [[spans[i], spans[i + 1]] for i in range(100)] + [[spans[0]]]
    assert all(assign(ladder))


@pytest.mark.parametrize(
    "text", ["IA " * 4_000, "a" * 200_000, "A." * 50_000, "IA-" * 4_000, "(" * 100_000, "x@" * 20_000, "​" * 100_000]
)
def test_hostile_lines_take_linear_time(text: str) -> None:
    start = time.perf_counter()
    hits = find_hits(tech(), text)
    assert len(hits) <= 4_000
    assert time.perf_counter() - start < 5


def test_many_hits_against_many_renderings_stay_fast() -> None:
    hits = find_hits(tech(), "une puce et " * 300)
    start = time.perf_counter()
    assert sum(r is not None for r in find_renderings(hits, "a chip and " * 200)) == 200
    assert time.perf_counter() - start < 5


def test_find_form_as_words_of_their_own() -> None:
    assert find_form("chip", "chip, chips; microchip") == ((0, 4),)
    assert find_form("…", "…") == ()


def test_preferred_words_weigh_more_than_order() -> None:
    hits = find_hits(tech(), "l’intelligence artificielle et l’IA")
    assert [r and r.preferred for r in find_renderings(hits, "AI and artificial intelligence")] == [True, True]


def test_a_glossary_without_terms_finds_nothing() -> None:
    matcher = compile_matcher(Glossary(()))
    assert find_hits(matcher, "une puce") == ()
    assert find_renderings((), "a chip") == ()
    assert find_forbidden(matcher, "une puce", "a chip") == ()


def test_terms_without_words_are_passed_over() -> None:
    assert find_hits(compile_matcher(Glossary((Term("++", "x"),))), "++ ++") == ()


def test_a_context_that_cannot_be_read_is_refused_before_any_sentence() -> None:
    with pytest.raises(GlossaryError, match=r"line 3: puce: unless is a list of words"):
        compile_matcher(Glossary((Term("puce", "chip", unless="(a+)+$", line=3),)))


def test_hit_of_a_bare_term() -> None:
    assert Hit(Term("puce", "chip"), (0, 4), "puce", "unknown", ("chip",)).wanted == "chip"
