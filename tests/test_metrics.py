import json
import time
from importlib.metadata import version
from pathlib import Path

import jiwer
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.errors import InputError
from bilingual.glossary import Glossary, Term
from bilingual.metrics import edit_alignment, score_terms, score_translation, term_error_rate, window_overlap

CASES = json.loads((Path(__file__).parent / "cases" / "metrics.json").read_text(encoding="utf-8"))

HYPOTHESES = ["The new data center opens today .", "He buys  100,000 chips!", "", "A loop, a loop and nothing else at all."]
REFERENCES = ["The new data center will open today.", "He bought 100,000 chips.", "It is over.", "A loop and nothing else."]


def cases(group):
    return [pytest.param(case, id=case["label"]) for case in CASES[group]]


def spans(text, terms):
    """Where `terms` stand in `text`, one after the other."""
    found, at = [], 0
    for term in terms:
        start = text.index(term, at)
        at = start + len(term)
        found.append((start, at))
    return found


def glossary(rows):
    return Glossary(tuple(Term(s, t.split("|")[0], target_variants=tuple(t.split("|")[1:])) for s, t in rows))


@pytest.mark.parametrize("case", cases("window_overlap"))
def test_window_overlap(case):
    terms = spans(case["reference"], case["terms"])
    assert window_overlap(case["hypothesis"], case["reference"], terms, case["size"]) == pytest.approx(case["score"])


@pytest.mark.parametrize("case", cases("term_error_rate"))
def test_term_error_rate(case):
    terms = spans(case["reference"], case["terms"])
    tokens = len(case["reference"].replace(".", " .").split())
    assert term_error_rate(case["hypothesis"], case["reference"], terms) == pytest.approx(case["edits"] / tokens)


@pytest.mark.parametrize("case", cases("terms"))
def test_term_scores(case):
    scores = score_terms(case["hypotheses"], case["references"], case["sources"], glossary(case["glossary"]))
    for name in ("exact", "lemma", "exclusive", "oracle", "consistency"):
        if name in case:
            assert getattr(scores, name) == pytest.approx(100 * case[name]), name


def test_term_scores_of_one_segment_worked_out():
    rows = glossary([("centre de données", "data center"), ("puce", "chip")])
    source = "Le nouveau centre de données abrite des puces."
    reference = "The new data center houses chips."
    scores = score_terms(["A new data center has fleas."], [reference], [source], rows)
    assert scores.occurrences == 2
    assert (scores.exact, scores.lemma, scores.exclusive, scores.oracle) == (50, 50, 50, 100)
    # "data center": the, new | houses, chips against a, new | has, fleas; "chips" is not in the hypothesis and does not count.
    assert scores.window_overlap == {2: pytest.approx(25), 3: pytest.approx(25)}
    # the → a and houses → has cost 1 each, chips → fleas 2, over seven tokens.
    assert scores.one_minus_term == pytest.approx(100 * (1 - 4 / 7))
    assert scores.consistency == 50


def test_segments_whose_reference_has_no_term_count_in_accuracy_alone():
    rows = glossary([("puce", "chip")])
    scores = score_terms(["A chip.", "A chip."], ["A flea.", "A chip."], ["Une puce.", "Une puce."], rows)
    assert (scores.occurrences, scores.exclusive, scores.oracle, scores.one_minus_term) == (2, 100, 50, 100)
    nowhere = score_terms(["A chip."], ["A flea."], ["Une puce."], rows)
    assert (nowhere.window_overlap, nowhere.one_minus_term) == (None, None)


def test_no_terms_no_term_scores():
    assert score_terms(["A cat."], ["A cat."], ["Un chat."], glossary([("puce", "chip")])) is None


def test_terms_that_are_not_to_be_translated():
    rows = Glossary((Term("Zeglia", "Zeglia", status="do-not-translate"),))
    scores = score_terms(
        ["Zeglia wins.", "zeglia loses."], ["Zeglia wins.", "Zeglia loses."], ["Zeglia gagne.", "Zeglia perd."], rows
    )
    assert (scores.exact, scores.lemma, scores.exclusive, scores.oracle) == (50, 50, 50, 100)


def test_agreement_with_sacrebleu():
    scores = score_translation(HYPOTHESES, REFERENCES)
    assert scores.bleu == pytest.approx(sacrebleu.corpus_bleu(HYPOTHESES, [REFERENCES]).score)
    assert scores.chrf == pytest.approx(sacrebleu.corpus_chrf(HYPOTHESES, [REFERENCES]).score)
    assert scores.ter == pytest.approx(sacrebleu.corpus_ter(HYPOTHESES, [REFERENCES]).score)
    assert scores.signatures["BLEU"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert scores.signatures["chrF"].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:")
    assert scores.signatures["TER"].startswith("nrefs:1|case:lc|tok:tercom|")


def test_agreement_with_jiwer():
    scores = score_translation(HYPOTHESES, REFERENCES)
    assert scores.wer == pytest.approx(100 * jiwer.wer(REFERENCES, HYPOTHESES))
    assert scores.cer == pytest.approx(100 * jiwer.cer(REFERENCES, [" ".join(text.split()) for text in HYPOTHESES]))
    assert scores.signatures["WER"] == f"case:mixed|punct:yes|tok:spaces|version:jiwer-{version('jiwer')}"


def test_error_rates_worked_out():
    # Words: today and a full stop for today. Characters: a space too many, one of 36.
    scores = score_translation(["The new data center will open today ."], ["The new data center will open today."])
    assert scores.wer == pytest.approx(100 * 2 / 7)
    assert scores.cer == pytest.approx(100 * 1 / 36)
    # Runs of spaces are one.
    assert score_translation(["a  b"], ["a b"]).cer == 0


def test_scores_of_the_reference_itself():
    rows = glossary([("puce", "chip")])
    scores = score_translation(["The chip is hot today."], ["The chip is hot today."], ["La puce est chaude."], rows)
    assert (scores.segments, scores.ter, scores.wer, scores.cer) == (1, 0, 0, 0)
    assert scores.bleu == pytest.approx(100) and scores.chrf == pytest.approx(100)
    assert scores.terms.exclusive == scores.terms.one_minus_term == scores.terms.consistency == 100
    assert scores.terms.window_overlap == {2: 100, 3: 100}


def test_edit_alignment_is_jiwers():
    shown = edit_alignment("he drove the big car", "he drives a big red car")
    assert shown == "\n".join(
        [
            "REF: he drives   a big red car",
            "HYP: he  drove the big *** car",
            "             S   S       D",
        ]
    )
    assert edit_alignment("the same", "the same").splitlines()[0] == "REF: the same"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["a"], ["a", "b"]), "1 translations and 2 references: give one reference for each, line by line"),
        ((["a"], ["a"], ["a", "b", "c"]), "1 translations and 3 sources: give one source for each, line by line"),
        (([], []), "no translations to score: both files are empty"),
        ((["a", "b", "c"], ["a", " ", ""]), "2 of 3 references are empty (line 2, 3): fill them or leave those lines out"),
        ((["a"] * 9, [""] * 9), "9 of 9 references are empty (line 1, 2, 3, 4, 5 …): fill them or leave those lines out"),
        ((["a"], ["a"], None, Glossary(())), "terms are found in the French: give the sources with the glossary"),
    ],
)
def test_mistakes_are_said_with_their_counts(arguments, message):
    with pytest.raises(InputError) as caught:
        score_translation(*arguments)
    assert str(caught.value) == message


def test_an_alignment_needs_a_reference():
    with pytest.raises(InputError, match="references are empty"):
        edit_alignment("a", " ")


WORDS = ["chip", "chips", "microchip", "chip card", "card", "the", "of", "Chip", "hot", ",", ".", "network", "networks"]
english = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
french = st.lists(
    st.sampled_from(["La puce", "des puces", "une carte à puce", "le réseau", "les réseaux", "chaud", "."]), max_size=5
).map(" ".join)
ROWS = glossary([("puce", "chip|microchip"), ("carte à puce", "chip card"), ("réseau", "network")])


@settings(deadline=None)
@given(st.lists(st.tuples(french, english, english), min_size=1, max_size=4))
def test_term_scores_are_ordered(rows):
    sources, hypotheses, references = ([row[i] for row in rows] for i in range(3))
    scores = score_terms(hypotheses, references, sources, ROWS)
    if scores is not None:
        assert 0 <= scores.exact <= scores.lemma <= 100
        assert 0 <= scores.consistency <= scores.exclusive <= scores.lemma
        itself = score_terms(references, references, sources, ROWS)
        assert itself.exclusive == itself.oracle == scores.oracle
        if scores.one_minus_term is not None:
            assert scores.one_minus_term <= itself.one_minus_term == 100
            assert all(0 <= share <= 100 for share in scores.window_overlap.values())


@given(english, english)
def test_terms_make_errors_dearer_never_cheaper(hypothesis, reference):
    plain = term_error_rate(hypothesis, reference, [])
    assert term_error_rate(reference, reference, [(0, len(reference))]) == 0
    assert 0 <= plain <= term_error_rate(hypothesis, reference, [(0, len(reference))]) + 1e-9


def test_a_page_on_one_line_takes_bounded_time():
    page = " ".join(f"word{i % 97} chip" for i in range(600))
    start = time.process_time()
    term_error_rate(page, page.replace("word5", "other"), [(0, 5)])
    assert time.process_time() - start < 10
