"""The summary of one article: what may be taken, in which order, and that everything in it stands in the article.

After a wanted change of what is chosen: ``python tests/test_summary.py --regenerate`` writes the golden files anew; read their diff.
They hold what does not depend on a model: the French sentences chosen, their ids, the figures, the names.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.document import CLUTTER, Block, BlockKind, Document, Segment, TermHit
from bilingual.glossary import default_glossary
from bilingual.glossary.matching import compile_matcher, find_hits, find_renderings
from bilingual.reading import read_document
from bilingual.sentences import split_document
from bilingual.summary import Weights, default_number, summarize
from bilingual.summary.figures import find_figures
from bilingual.summary.selection import DOUBTFUL
from bilingual.summary.standing import why_not
from bilingual.writing import from_jsonl, to_jsonl, to_markdown
from bilingual.writing.markdown import to_summary_markdown

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
GOLDEN = HERE / "golden" / "summaries"
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))
OUTPUTS = sorted((ROOT / "outputs").glob("*.fr-en.jsonl"))


def cases(name: str) -> Any:
    found = json.loads((HERE / "cases" / name).read_text(encoding="utf-8"))
    return pytest.mark.parametrize("case", found, ids=[case["label"] for case in found])


def split(text: str, name: str = "a.txt") -> Document:
    document = split_document(read_document(text.encode(), name))
    return replace(document, blocks=tuple(b for b in document.blocks if b.kind not in CLUTTER))


def made(*texts: str, kind: BlockKind = "paragraph", flags: dict[int, tuple[str, ...]] | None = None) -> Document:
    """An article of one block; the English is the French in capitals."""
    segments = tuple(
        Segment(f"p1.s{n}", text, block=kind, target=text.upper(), flags=(flags or {}).get(n, ()))
        for n, text in enumerate(texts, 1)
    )
    return Document("a.txt", (Block(1, kind, " ".join(texts), segments=segments),))


PLAIN = [
    "Le maire de Lormoy rouvre trois écoles lundi.",
    "Les parents de Brignac demandent un bus pour leurs enfants.",
    "La région verse deux cents euros par élève aux communes.",
    "Un syndicat craint la fermeture des classes de montagne.",
    "Le tribunal examinera la plainte des voisins en juin.",
    "Les travaux du gymnase commenceront après les vacances.",
]


# ---------------------------------------------------------------------------------------------------------------- what stands


@cases("summary_standing.json")
def test_what_stands_alone(case: dict[str, Any]) -> None:
    assert list(why_not(Segment("p1.s2", case["text"]))) == case["reasons"]


@cases("summary_figures.json")
def test_figures_with_what_they_count(case: dict[str, Any]) -> None:
    terms = tuple(
        TermHit((a := case["source"].index(fr), a + len(fr)), en, (b := case["target"].index(en), b + len(en)), "kept")
        for fr, en in case.get("terms", ())
    )
    found = find_figures(Segment("p1.s1", case["source"], target=case["target"], terms=terms))
    assert [[figure.source, figure.target] for figure in found] == case["figures"]
    for figure in found:
        assert case["source"][slice(*figure.span)] == figure.source and figure.target in case["target"]


@pytest.mark.parametrize(
    "weak",
    [
        "Il rouvrira trois écoles à Lormoy lundi.",
        "Cependant, le maire de Lormoy rouvre trois écoles lundi.",
        "Malgré cela, le maire de Lormoy rouvre trois écoles lundi.",
        "Le maire de Lormoy rouvre-t-il trois écoles lundi ?",
        "« Le maire de Lormoy rouvre trois écoles lundi. »",
        "Suivez la réouverture des trois écoles de Lormoy.",
    ],
)
def test_what_cannot_stand_is_taken_last_and_marked(weak: str) -> None:
    document = made(weak, *PLAIN)
    chosen = summarize(document, len(PLAIN)).sentences
    assert [s.source for s in chosen] == PLAIN and not any(s.marks for s in chosen)
    everything = summarize(document, len(PLAIN) + 1).sentences
    assert everything[0].source == weak and everything[0].marks and everything[0].rank == len(PLAIN) + 1


@pytest.mark.parametrize("kind", ["caption", "byline"])
def test_captions_and_bylines_come_last(kind: BlockKind) -> None:
    weak = Segment("p2.s1", "Le maire de Lormoy devant les trois écoles rouvertes.", block=kind, target="X")
    body = made(*PLAIN[:2], "Il rouvrira trois écoles à Lormoy lundi.")
    document = replace(body, blocks=(*body.blocks, Block(2, kind, weak.source, segments=(weak,))))
    assert [s.segment for s in summarize(document, 3).sentences] == ["p1.s1", "p1.s2", "p1.s3"]
    last = summarize(document, 4).sentences[-1]
    assert last.segment == "p2.s1" and kind in last.marks
    assert "p2.s1" not in [s.segment for s in summarize(document).sentences], "nobody asked for it"


def test_a_pronoun_stands_behind_the_sentence_that_says_who() -> None:
    texts = ["Paul Roy voit grand pour les écoles de Lormoy.", "Devant des élus réunis en mai, il a promis 300 classes à Lormoy."]
    chosen = summarize(made(*texts, *PLAIN[1:]), 2).sentences
    assert [s.segment for s in chosen] == ["p1.s1", "p1.s2"] and not chosen[1].marks


@pytest.mark.parametrize("flag", ["low-confidence", "name-lost", "loop"])
def test_of_equals_the_one_with_good_english_is_taken(flag: str) -> None:
    twins = ["Le maire de Lormoy rouvre trois écoles lundi.", "Le maire de Brignac ferme deux gymnases mardi."]
    weights = Weights(lead=0, opening=0)
    for bad in (1, 2):
        [one] = summarize(made(*twins, flags={bad: (flag,)}), 1, weights=weights).sentences
        assert one.segment == f"p1.s{3 - bad}" and not one.marks
    both = summarize(made(*twins, flags={1: (flag,)}), 2).sentences
    assert both[0].marks == (DOUBTFUL,)


def test_the_same_thing_is_not_said_twice() -> None:
    twice = "Le maire de Lormoy va rouvrir trois écoles dès lundi."
    chosen = [s.source for s in summarize(made(PLAIN[0], twice, *PLAIN[1:]), 3).sentences]
    assert len({PLAIN[0], twice} & set(chosen)) == 1


def test_a_connective_is_kept_where_its_sentence_is_taken() -> None:
    document = made("Malgré cela, le maire de Lormoy rouvre trois écoles.", "Mais les parents protestent à Brignac.")
    assert [s.source for s in summarize(document, 2).sentences] == [s.source for s in document.segments]


# ------------------------------------------------------------------------------------------------------------ exact, in order


def check(document: Document, wanted: int) -> None:
    """What holds for every summary."""
    summary = summarize(document, wanted)
    segments = {s.id: s for s in document.segments}
    order = [s.id for s in document.segments]
    free = [
        s
        for b in document.blocks
        if b.kind not in CLUTTER | {"title", "heading"}
        for s in b.segments
        if any(map(str.isalpha, s.source))
    ]
    assert len(summary.sentences) == min(wanted, len(free)), "N asked is N given when there are enough"
    for sentence in summary.sentences:
        assert (sentence.source, sentence.target) == (segments[sentence.segment].source, segments[sentence.segment].target)
    places = [order.index(s.segment) for s in summary.sentences]
    assert places == sorted(set(places)), "in the order of the text, each once"
    assert sorted(s.rank for s in summary.sentences) == list(range(1, len(summary.sentences) + 1))
    for mention in (*summary.figures, *summary.names, *summary.terms):
        assert mention.segments and mention.source
        assert all(identity in segments for identity in mention.segments)
        assert any(mention.source in segments[i].source for i in mention.segments)
        assert not mention.target or any(mention.target.lower() in segments[i].target.lower() for i in mention.segments)
    assert summarize(document, wanted) == summary, "the same each time"


TEXT = st.text(alphabet="aéil mnorstu.?!:«»“”’,0123 ILMÀ\u202e\x00|<", min_size=0, max_size=60)
KIND = st.sampled_from(["title", "heading", "paragraph", "list-item", "quote", "tweet", "caption", "byline", "share", "line"])


@given(st.lists(st.tuples(KIND, st.lists(st.tuples(TEXT, TEXT), max_size=4)), max_size=8), st.integers(1, 9))
@settings(max_examples=80, deadline=None)
def test_every_summary_is_exact_and_in_order(blocks: list[Any], wanted: int) -> None:
    found = []
    for number, (kind, texts) in enumerate(blocks, 1):
        segments = tuple(Segment(f"p{number}.s{n}", fr, block=kind, target=en) for n, (fr, en) in enumerate(texts, 1))
        found.append(Block(number, kind, " ".join(s.source for s in segments), segments=segments))
    document = Document("a.txt", tuple(found))
    check(document, wanted)
    with_summary = replace(document, summary=summarize(document, wanted))
    text = to_jsonl(with_summary)
    assert to_jsonl(from_jsonl(text, "a.jsonl")) == text
    assert to_markdown(with_summary).endswith("-->\n") and to_summary_markdown(with_summary).endswith("-->\n")


@pytest.mark.parametrize("path", [*SEEDS, *OUTPUTS], ids=lambda path: path.name)
@pytest.mark.parametrize("wanted", [1, 3, 5, 40])
def test_summaries_of_the_seeds_are_exact(path: Path, wanted: int) -> None:
    text = path.read_text(encoding="utf-8")
    check(from_jsonl(text, path.name) if path.suffix == ".jsonl" else split(text, path.name), wanted)


def test_a_share_instead_of_a_number() -> None:
    assert len(summarize(made(*PLAIN), ratio=0.5).sentences) == 3
    assert len(summarize(made(*PLAIN), ratio=1.0).sentences) == 6
    for wrong in ({"sentences": 0}, {"ratio": 0.0}, {"ratio": 1.5}):
        with pytest.raises(ValueError):
            summarize(made(*PLAIN), **wrong)  # type: ignore[arg-type]
    assert default_number(1000) == 5


# ------------------------------------------------------------------------------------------------------------- odd articles


def test_short_articles() -> None:
    assert summarize(Document("a.txt", ())).sentences == ()
    assert [s.source for s in summarize(made(*PLAIN[:2])).sentences] == PLAIN[:2]
    assert [s.marks for s in summarize(made("À suivre.")).sentences] == [("fragment",)]
    only_title = Document(
        "a.txt", (Block(1, "title", "Titre", segments=(Segment("p1.s1", "Titre", block="title", target="Title"),)),)
    )
    summary = summarize(only_title)
    assert summary.sentences == () and summary.headline is not None and summary.headline.target == "Title"


@pytest.mark.parametrize("kind", ["tweet", "list-item", "quote", "caption"])
def test_articles_of_one_kind_have_summaries_all_the_same(kind: BlockKind) -> None:
    chosen = summarize(made(*PLAIN, kind=kind)).sentences
    assert len(chosen) == 3 and all(kind in s.marks for s in chosen)


def test_an_article_in_two_languages_is_summarised_from_its_french() -> None:
    english = ["The mayor of Lormoy will open the schools that were closed.", "The parents of the valley have asked for a bus."]
    chosen = summarize(made(english[0], *PLAIN[:3], english[1]), 3).sentences
    assert [s.source for s in chosen] == PLAIN[:3]


def test_lines_are_sentences() -> None:
    assert len(summarize(made(*PLAIN, kind="line"), 2).sentences) == 2


def test_twenty_thousand_sentences_take_seconds() -> None:
    words = [f"mot{n}" for n in range(3000)]
    texts = [" ".join(["Le", *(words[(i * k) % 3000] for k in range(1, 12)), "commun."]) for i in range(1, 20_001)]
    start = time.process_time()
    assert len(summarize(made(*texts), 5).sentences) == 5
    assert time.process_time() - start < 60


def test_english_words_with_a_capital_are_no_names() -> None:
    document = made(
        "It was closed on Monday, They said.",
        "In May, Theresa May met Jensen Huang on Wednesday.",
        "On August 12 We saw The Who.",
    )
    assert {m.source for m in summarize(document).names} == {"Theresa May", "Jensen Huang", "The Who"}


def test_names_and_terms_beside_the_sentences() -> None:
    text = "Paul Roy dirige Nvidia et vend des puces."
    target = "Paul Roy runs Nvidia and sells chips."
    hit = TermHit(
        (text.index("puces"), text.index("puces") + 5),
        "chip",
        (target.index("chips"), target.index("chips") + 5),
        "kept",
        entry="puce",
    )
    pair = Segment("p1.s1", text, target=target, terms=(hit,))
    more = Segment("p1.s2", "Nvidia grandit sans Roy.", target="Nvidia grows without Roy.")
    summary = summarize(Document("a.txt", (Block(1, "paragraph", text, segments=(pair, more)),)))
    assert {(m.source, m.target, m.segments) for m in summary.names} >= {("Nvidia", "Nvidia", ("p1.s1", "p1.s2"))}
    assert [(m.source, m.target, m.segments) for m in summary.terms] == [("puces", "chips", ("p1.s1",))]


def test_hostile_text_stays_text() -> None:
    evil = "<script>alert(1)</script> | **Le maire** de Lormoy | [rouvre](javascript:x) trois écoles \u202e<!-- -->"
    document = made(evil, *PLAIN[:2])
    page = to_summary_markdown(replace(document, summary=summarize(document)))
    assert "<script" not in page and "\u202e" not in page and "[rouvre](" not in page
    assert page.count("<!--") == 1


# ------------------------------------------------------------------------------------------------------------------- goldens


def golden(path: Path) -> dict[str, Any]:
    """What is chosen from an article that is not translated."""
    summary = summarize(split(path.read_text(encoding="utf-8"), path.name))
    return {
        "headline": summary.headline.source if summary.headline else None,
        "sentences": [
            {"rank": s.rank, "segment": s.segment, "source": s.source, "marks": list(s.marks)} for s in summary.sentences
        ],
        "figures": [[m.source, list(m.segments)] for m in summary.figures],
        "names": [[m.source, len(m.segments)] for m in summary.names],
    }


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_what_is_chosen_from_the_seeds(path: Path) -> None:
    assert golden(path) == json.loads((GOLDEN / f"{path.stem}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", OUTPUTS, ids=lambda path: path.stem)
def test_the_summaries_in_outputs_obey_the_glossary(path: Path) -> None:
    """Glossary consistency of the summary pair: every strict term of its French has its rendering in its English."""
    document = from_jsonl(path.read_text(encoding="utf-8"), path.name)
    summary = document.summary or summarize(document)
    matcher = compile_matcher(default_glossary())
    assert summary.sentences
    for sentence in summary.sentences:
        hits = find_hits(matcher, sentence.source)
        renderings = find_renderings(hits, sentence.target)
        missed = [hit.text for hit, r in zip(hits, renderings, strict=True) if r is None and hit.term.level == "strict"]
        assert missed == [], (sentence.segment, sentence.target)
    for mention in summary.terms:
        assert all(mention.target.strip() and identity for identity in mention.segments)


def regenerate() -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for path in SEEDS:
        text = json.dumps(golden(path), ensure_ascii=False, indent=1) + "\n"
        (GOLDEN / f"{path.stem}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__" and "--regenerate" in sys.argv:
    regenerate()
