from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from fakes import FakeEngine
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bilingual.cli.main import app
from bilingual.config import find_config
from bilingual.document import Document, Segment
from bilingual.engines import Abilities, Engine, Search
from bilingual.errors import InputError, OutputError
from bilingual.glossary import Glossary, Term
from bilingual.memory import Memory, find_alike, key_of, kind_of, open_memory
from bilingual.memory.exchange import export_lines, import_lines
from bilingual.memory.keys import Kind, rules
from bilingual.pipeline import Settings, translate, translate_segments
from bilingual.reading import read_document
from bilingual.writing.jsonl import from_jsonl, to_jsonl

PLACEHOLDERS = Abilities(placeholders=tuple(f"<r{i}>" for i in range(13)))
WORDS = "le chat dort . Nvidia 100 000 puces puce https://a.fr/x @ana 🚀 « oui » ; et M. Dupont ? 20 % xAI".split()
SOURCES = st.lists(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), max_size=8)
CHIPS = Glossary((Term("puce", "chip"), Term("puce", "flea", status="forbidden"), Term("chat", "cat")))


def segments(sources: list[str]) -> list[Segment]:
    return [Segment(f"p{i}.s1", source, block="line") for i, source in enumerate(sources, 1)]


def say(text: str, search: Search) -> str:
    return text.replace("puces", "fleas").replace("chat", "cat").upper().replace("<R", "<r")


def texts(engine: FakeEngine) -> list[str]:
    return [text for given_texts, _ in engine.calls for text in given_texts]


def without_origin(done: list[Segment]) -> list[Segment]:
    return [replace(segment, origin="mt") for segment in done]


def fresh(path: Path) -> Path:
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    return path


@given(SOURCES, SOURCES, st.sampled_from(["strict", "report", "off"]), st.booleans())
@settings(deadline=None, max_examples=40)
def test_a_memory_changes_nothing_but_the_origin(
    tmp_path_factory: pytest.TempPathFactory, first: list[str], second: list[str], enforce: str, placeholders: bool
) -> None:
    path = fresh(tmp_path_factory.getbasetemp() / "property.memory")
    engine = FakeEngine(say, abilities=PLACEHOLDERS if placeholders else Abilities())
    how = Settings(glossary=CHIPS, enforce=enforce)  # type: ignore[arg-type]
    with open_memory(path) as memory:
        for sources in (first, second, first):
            without = list(translate_segments(segments(sources), engine, how))
            remembered = list(translate_segments(segments(sources), engine, how, memory))
            assert without_origin(remembered) == without_origin(without)
        engine.calls.clear()
        again = list(translate_segments(segments(second), engine, how, memory))
        assert engine.calls == []
        assert {segment.origin for segment in again} <= {"memory", "copied"}


ARTICLE = "Le chat dort. Il pleut sur la ville.\n\nLes puces sont chères. L'usine d'Anne ouvre.\n"


def article(text: str = ARTICLE) -> Document:
    return read_document(text.encode(), "a.txt")


def test_the_same_article_is_not_translated_twice_and_an_edited_one_only_where_it_is_new(tmp_path: Path) -> None:
    engine = FakeEngine(lambda text, search: "It's " + text.upper())
    with open_memory(tmp_path / "m") as memory:
        plain = translate(article(), engine)
        first = translate(article(), engine, Settings(), memory)
        engine.calls.clear()
        second = translate(article(), engine, Settings(), memory)
        assert engine.calls == []
        assert first.signature and dict(first.signature.origins) == {"mt": 4}
        assert second.signature and dict(second.signature.origins) == {"memory": 4}
        assert without_origin(list(second.segments)) == without_origin(list(plain.segments)), "one kind of apostrophe, too"
        translate(article(ARTICLE.replace("Il pleut", "Il neige")), engine, Settings(), memory)
        assert texts(engine) == ["Il neige sur la ville."]
        back = from_jsonl(to_jsonl(second), "a.jsonl")
        assert to_jsonl(back) == to_jsonl(second)


def test_another_model_beam_or_engine_is_another_translation(tmp_path: Path) -> None:
    engine = FakeEngine(say)
    with open_memory(tmp_path / "m") as memory:
        list(translate_segments(segments(["le chat"]), engine, Settings(), memory))
        for change in ("model", "name", "beam"):
            engine.calls.clear()
            other = Settings(beam=2 if change == "beam" else 4)
            if change != "beam":
                setattr(engine, change, "another")
            list(translate_segments(segments(["le chat"]), engine, other, memory))
            assert texts(engine) == ["le chat"], change


def test_a_changed_glossary_costs_the_sentences_whose_terms_changed(tmp_path: Path) -> None:
    engine, sources = FakeEngine(say), ["le chat dort", "deux puces ici", "il pleut fort"]
    with open_memory(tmp_path / "m") as memory:

        def asked(glossary: Glossary | None, enforce: str = "strict") -> set[str]:
            engine.calls.clear()
            how = Settings(glossary=glossary, enforce=enforce)  # type: ignore[arg-type]
            list(translate_segments(segments(sources), engine, how, memory))
            return {text for text in texts(engine) if text in sources}

        assert asked(CHIPS) == set(sources)
        assert asked(CHIPS) == set()
        assert asked(Glossary((*CHIPS.terms, Term("voiture", "car")))) == set(), "a row that stands in none of them"
        assert asked(Glossary((replace(CHIPS.terms[0], note="n", line=9), *CHIPS.terms[1:]))) == set(), "a note"
        assert asked(Glossary((Term("puce", "microchip"), *CHIPS.terms[1:]))) == {"deux puces ici"}
        assert asked(Glossary((CHIPS.terms[0], CHIPS.terms[2]))) == {"deux puces ici"}, "no longer forbidden"
        assert asked(CHIPS, "report") == {"le chat dort", "deux puces ici"}
        assert asked(None) == {"le chat dort", "deux puces ici"}
        assert asked(None, "off") == set()


def test_what_a_person_corrected_wins_over_every_model(tmp_path: Path) -> None:
    engine = FakeEngine(say)
    with open_memory(tmp_path / "m") as memory:
        list(translate_segments(segments(["deux puces ici"]), engine, Settings(), memory))
        assert memory.correct([("deux puces ici", "two  FLEAS here"), ("autre", "other")]) == 2
        engine.calls.clear()
        engine.model = "another@1"
        [done] = translate_segments(segments(["deux puces ici"]), engine, Settings(glossary=CHIPS), memory)
        assert engine.calls == []
        assert (done.target, done.origin, done.edits, done.score) == ("two  FLEAS here", "post-edited", (), None)
        assert [(t.entry, t.status, t.wanted) for t in done.terms] == [
            ("puce", "missed", "chips"),
            ("puce", "missed", "anything but FLEAS"),
        ]
        memory.correct([("deux puces ici", "two chips here")])
        [done] = translate_segments(segments(["deux puces ici"]), engine, Settings(glossary=CHIPS), memory)
        assert [(t.status, t.target) for t in done.terms] == [("kept", (4, 9))]


@pytest.mark.model
def test_words_that_are_to_be_linked_are_translated_once_more(embedded: Engine, tmp_path: Path) -> None:
    def origins(links: bool) -> str:
        how = Settings(links=links)
        without = list(translate_segments(segments(["Le chat dort."]), embedded, how))
        done = list(translate_segments(segments(["Le chat dort."]), embedded, how, memory))
        assert without_origin(done) == without_origin(without)
        assert bool(done[0].links) == links
        return done[0].origin

    with open_memory(tmp_path / "m") as memory:
        assert [origins(links) for links in (False, True, True, False)] == ["mt", "mt", "memory", "memory"]


def test_what_failed_is_tried_again(tmp_path: Path) -> None:
    with open_memory(tmp_path / "m") as memory:
        [done] = translate_segments(segments(["du poison"]), FakeEngine(say, fails_on="poison"), Settings(), memory)
        assert done.origin == "failed"
        [done] = translate_segments(segments(["du poison"]), FakeEngine(say), Settings(), memory)
        assert done.origin == "mt"


def test_lone_surrogates_are_translated_and_not_remembered(tmp_path: Path) -> None:
    with open_memory(tmp_path / "m") as memory:
        for _ in range(2):
            [done] = translate_segments(segments(["un \ud800 chat"]), FakeEngine(), Settings(), memory)
            assert done.origin == "mt"


# ------------------------------------------------------------------------------------------------------------------ the file


def remembered(path: Path, sources: list[str], said: list[str] | None = None) -> list[str]:
    with open_memory(path, (said if said is not None else []).append) as memory:
        return [s.origin for s in translate_segments(segments(sources), FakeEngine(say), Settings(), memory)]


@pytest.mark.parametrize("damage", ["header", "middle", "short", "zeros"])
def test_a_damaged_file_is_set_aside_with_one_line(tmp_path: Path, damage: str) -> None:
    path, said = tmp_path / "m", []
    sources = [f"phrase numéro {n}" for n in range(2000)]
    remembered(path, sources)
    data = bytearray(path.read_bytes())
    if damage == "header":
        data[:100] = b"\xff\x00" * 50
    elif damage == "middle":
        for page in range(4096 * 2, len(data), 4096):
            data[page : page + 200] = os.urandom(200)
    elif damage == "short":
        del data[5000:]
    else:
        data[:] = bytes(len(data))
    path.write_bytes(data)
    assert set(remembered(path, sources, said)) <= {"mt", "memory"}
    assert len(said) == 1 and "set aside as m.damaged" in said[0], said
    assert (tmp_path / "m.damaged").stat().st_size == len(data)
    said.clear()
    remembered(path, sources, said)
    assert set(remembered(path, sources, said)) == {"memory"} and said == []


def test_a_record_that_is_not_what_was_written_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "m"
    remembered(path, ["le chat"])
    with sqlite3.connect(path) as db:
        db.execute("UPDATE translations SET record = replace(record, 'CAT', 'DOG')")
    db.close()
    assert remembered(path, ["le chat"]) == ["mt"]
    assert remembered(path, ["le chat"]) == ["memory"]


def test_what_is_no_memory_is_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "article.txt"
    text.write_text("Été. " * 2000, encoding="utf-8")
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE a (b)")
    db.close()
    later = tmp_path / "later"
    remembered(later, ["le chat"])
    with sqlite3.connect(later) as db:
        db.execute("PRAGMA user_version = 9")
    db.close()
    for path, why in ((text, "is text"), (other, "another program"), (later, "schema 9")):
        before = path.read_bytes()
        with pytest.raises(InputError, match=why):
            open_memory(path)
        assert path.read_bytes() == before
    with pytest.raises(OutputError):
        open_memory(text / "m")
    with pytest.raises(OutputError):
        open_memory(tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 20,
        "Été.".encode("utf-16"),
        b"PK\x03\x04" + bytes(9000),
        bytes(9000) + b"x",
    ],
    ids=["picture", "UTF-16", "archive", "image"],
)
def test_a_file_of_another_kind_is_left_where_it_is(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    with pytest.raises(InputError, match="is no memory"):
        open_memory(path)
    assert path.read_bytes() == data and list(tmp_path.iterdir()) == [path]


def test_a_damaged_file_is_not_set_aside_by_who_looks_into_it(tmp_path: Path) -> None:
    path = tmp_path / "m"
    remembered(path, [f"phrase numéro {n}" for n in range(200)])
    data = path.read_bytes()[:5000]
    path.write_bytes(data)
    with pytest.raises(InputError, match="damaged"):
        open_memory(path, must_exist=True)
    assert path.read_bytes() == data and not (tmp_path / "m.damaged").exists()


def test_a_full_disk_is_said_once_and_stops_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    sources = [f"phrase numéro {n}" for n in range(3000)]
    with open_memory(tmp_path / "m", said.append) as memory:
        memory._db.execute("PRAGMA max_page_count = 12")
        done = list(translate_segments(segments(sources), FakeEngine(say), Settings(), memory))
    assert [s.target for s in done] == [s.target for s in translate_segments(segments(sources), FakeEngine(say))]
    assert len(said) == 1 and "full" in said[0]


CHILD = """
import sys, time
sys.path[:0] = [{tests!r}, {root!r}]
from pathlib import Path
from fakes import FakeEngine
from bilingual.document import Segment
from bilingual.memory import open_memory
from bilingual.pipeline import Settings, translate_segments
start, count, slow = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
def say(text, search):
    time.sleep(slow)
    return text.upper()
with open_memory(Path(sys.argv[1]), lambda line: print(line, file=sys.stderr)) as memory:
    source = (Segment(f"p{{n}}.s1", f"phrase {{n}}", block="line") for n in range(start, start + count))
    for n, segment in enumerate(translate_segments(source, FakeEngine(say), Settings(), memory), 1):
        print(n, segment.origin, flush=True)
"""


def child(path: Path, start: int, count: int, slow: float = 0.0) -> subprocess.Popen[str]:
    code = CHILD.format(tests=str(ROOT / "tests"), root=str(ROOT))
    command = [sys.executable, "-c", code, str(path), str(start), str(count), str(slow)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("after", [1, 150])
def test_a_kill_loses_the_window_in_flight_and_nothing_else(tmp_path: Path, after: int) -> None:
    with child(tmp_path / "m", 1, 1500, 0.002) as process:
        assert process.stdout
        for _ in range(after):
            process.stdout.readline()
        time.sleep(0.005 * (after % 7))
        process.send_signal(signal.SIGKILL)
        seen = after + len(process.stdout.read().splitlines())
        assert process.wait() == -signal.SIGKILL
    with child(tmp_path / "m", 1, 1500) as process:
        output, errors = process.communicate(timeout=60)
    origins = [line.split()[1] for line in output.splitlines()]
    assert process.returncode == 0 and errors == "", errors
    assert len(origins) == 1500 and set(origins[: min(seen, 1500)]) == {"memory"}, "what came out was remembered"


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    processes = [child(tmp_path / "m", start, 1500) for start in (1, 501, 1001)]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0 and errors == "", errors
    with open_memory(tmp_path / "m") as memory:
        assert list(memory.rows("SELECT count(*) FROM translations")) == [(2500,)]
        assert list(memory.rows("PRAGMA integrity_check")) == [("ok",)]


# --------------------------------------------------------------------------------------------------- out, in, likeness, prune


def filled(path: Path) -> Memory:
    remembered(path, ["le chat dort", "deux puces ici", "il pleut sur la ville"])
    memory = open_memory(path)
    memory.correct([("deux puces ici", "two chips here")])
    return memory


def test_what_is_exported_comes_back_and_the_export_is_the_same(tmp_path: Path) -> None:
    with filled(tmp_path / "a") as one, open_memory(tmp_path / "b") as two:
        lines = list(export_lines(one))
        assert import_lines(two, lines, "a.jsonl") == (3, 1)
        assert list(export_lines(two)) == lines
        assert import_lines(two, lines, "a.jsonl") == (3, 1)
        assert list(export_lines(two)) == lines
    assert remembered(tmp_path / "b", ["le chat dort", "deux puces ici"]) == ["memory", "post-edited"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "not JSON"),
        ("[]", "indices"),
        ('{"type":"correction","source":1,"target":"a"}', "not a string"),
        ('{"type":"correction","source":"a"}', "'target' is missing"),
        ('{"type":"correction","source":"a","target":" "}', "'target' is empty"),
        ('{"type":"translation","key":"zz"}', "missing"),
        ('{"type":"translation","key":"00","model":"m","engine":"e","beam":1e999,"rules":"r","source":"a"}', "infinity"),
        (
            '{"type":"translation","key":"00","model":"m","engine":"e","beam":99999999999999999999,"rules":"r","source":"a",'
            '"record":["b","mt",null,[],[],[],null]}',
            "too large",
        ),
    ],
)
def test_a_broken_export_is_refused_whole(tmp_path: Path, line: str, what: str) -> None:
    with filled(tmp_path / "a") as one, open_memory(tmp_path / "b") as two:
        lines = [*export_lines(one), line]
        with pytest.raises(InputError, match=rf"x.jsonl:6: .*{what}"):
            import_lines(two, lines, "x.jsonl")
        assert len(list(export_lines(two))) == 1


def test_likeness_is_shown(tmp_path: Path) -> None:
    with filled(tmp_path / "a") as memory:
        [near, none] = find_alike(memory, ["deux puces là", "rien de tel du tout"])
    assert [(a.source, a.target, a.origin) for a in near] == [("deux puces ici", "two chips here", "post-edited")]
    assert 70 <= near[0].likeness < 100 and none == []


def test_pruning_forgets_translations_and_no_corrections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = 86400
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1000 * day))
    with filled(tmp_path / "a") as memory:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1010 * day))
        list(translate_segments(segments(["le chat dort"]), FakeEngine(say), Settings(), memory))
    with open_memory(tmp_path / "a") as memory:
        assert memory.forget(unused_for=10) == 2
        assert memory.forget(other_rules_than=rules()) == 0
        assert memory.forget(other_rules_than="x") == 1
        assert len(list(export_lines(memory))) == 2


def test_the_key_holds_what_a_translation_depends_on() -> None:
    kind = kind_of("m@1", "e/int8", 4)
    assert kind.rules == rules() and rules().startswith("0.")
    keys = {
        key_of(Kind(*fields), source, "strict", ())
        for fields in (("m", "e", 4, "r"), ("n", "e", 4, "r"), ("m", "f", 4, "r"), ("m", "e", 5, "r"), ("m", "e", 4, "s"))
        for source in ("a", "b", "\ud800")
    }
    assert len(keys) == 15


# ---------------------------------------------------------------------------------------------------------- the command line


@pytest.mark.model
def test_the_command_line_remembers_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bilingual.toml").write_text('memory = "house.memory"\n', encoding="utf-8")
    (tmp_path / "a.txt").write_text("Le chat dort.\n\nLe supercalculateur est prêt.\n", encoding="utf-8")
    run = CliRunner().invoke

    def origins(*options: str) -> dict[str, int]:
        done = run(app, ["translate", "a.txt", "-o", "out", "--format", "jsonl", "--force", *options])
        assert done.exit_code == 0, done.output
        document = json.loads((tmp_path / "out" / "a.fr-en.jsonl").read_text(encoding="utf-8").splitlines()[0])
        return {name: count for name, count in document["signature"]["origins"].items() if count}

    assert origins("--memory", "off") == {"mt": 2} and not (tmp_path / "house.memory").exists()
    assert origins() == {"mt": 2}
    text = (tmp_path / "out" / "a.fr-en.jsonl").read_text(encoding="utf-8")
    assert origins() == {"memory": 2}
    corrected = text.replace('"origin":"mt"', '"origin":"post-edited"', 1).replace('"target":"The cat', '"target":"My cat')
    (tmp_path / "c.jsonl").write_text(corrected, encoding="utf-8")
    assert run(app, ["memory", "import", "c.jsonl"]).exit_code == 0
    assert origins() == {"memory": 1, "post-edited": 1}
    (tmp_path / "a.txt").write_text("Le chat dort.\n\nLe supercalculateur est prêt.\n\nIl pleut.\n", encoding="utf-8")
    done = run(app, ["translate", "a.txt", "-o", "out"])
    assert done.exit_code == 0, "the memory holds the corrections that would be overwritten"
    (tmp_path / "a.txt").write_text("Le chat dort.\n\nIl pleut.\n", encoding="utf-8")
    assert run(app, ["translate", "a.txt", "-o", "out", "--memory", "off"]).exit_code == 2
    stats = json.loads(run(app, ["memory", "stats", "--json"]).stdout)
    assert stats["corrections"] == 1 and stats["kinds"][0]["translations"] == 3
    assert "My cat" in run(app, ["memory", "find", "Le chat dort !"]).stdout
    assert "My cat" in run(app, ["memory", "find", "--in", "a.txt"]).stdout
    exported = run(app, ["memory", "export"]).stdout
    assert exported.count("\n") == 5
    spaced = "".join(json.dumps(json.loads(line)) + "\n" for line in exported.splitlines())
    (tmp_path / "e.jsonl").write_text(spaced, encoding="utf-8-sig")
    assert run(app, ["memory", "import", "e.jsonl", "--memory", "other"]).exit_code == 0
    assert run(app, ["memory", "export", "--memory", "other"]).stdout == exported
    (tmp_path / "c.jsonl").write_text(corrected.replace("My cat is sleeping.", ""), encoding="utf-8")
    assert "0 corrected" in run(app, ["memory", "import", "c.jsonl"]).stderr
    assert run(app, ["memory", "prune", "--outdated"]).exit_code == 0
    with pytest.raises(InputError, match="what is to be forgotten"):
        run(app, ["memory", "prune"], catch_exceptions=False)
    with pytest.raises(InputError, match="there is no memory"):
        run(app, ["memory", "stats", "--memory", "nowhere"], catch_exceptions=False)
    assert not (tmp_path / "nowhere").exists()


def test_an_export_does_not_take_the_memorys_place_and_days_are_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    filled(tmp_path / "m").close()
    (tmp_path / "link").symlink_to("m")
    for name in ("m", "link"):
        with pytest.raises(OutputError, match=f"{name}: is the memory itself"):
            CliRunner().invoke(app, ["memory", "export", "--memory", "m", "-o", name], catch_exceptions=False)
    assert remembered(tmp_path / "m", ["le chat dort"]) == ["memory"]
    assert CliRunner().invoke(app, ["memory", "prune", "--memory", "m", "--unused-for", "9" * 20]).exit_code == 2


def test_a_memory_that_cannot_be_written_can_be_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "house.memory"
    with open_memory(path) as memory:
        memory.correct([("Il pleut.", "It is pouring.")])
    connect = sqlite3.connect

    def refused(name: object, *given: object, **named: object) -> sqlite3.Connection:
        if named.get("uri"):
            return connect(name, *given, **named)  # type: ignore[call-overload, no-any-return]
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(sqlite3, "connect", refused)
    called = CliRunner().invoke(app, ["memory", "stats", "--memory", str(path), "--json"])
    assert called.exit_code == 0 and json.loads(called.stdout)["corrections"] == 1
    with open_memory(path, must_exist=True) as memory, pytest.raises(OutputError):
        memory.correct([("Il neige.", "It is snowing.")])
    with pytest.raises(OutputError, match="cannot be used as a memory"):
        open_memory(path)
    with pytest.raises(OutputError, match="cannot be used as a memory"):
        open_memory(tmp_path / "none.memory")


def test_the_configuration_can_say_off(tmp_path: Path) -> None:
    (tmp_path / "bilingual.toml").write_text('memory = "off"\n', encoding="utf-8")
    assert find_config(tmp_path).memory is None
