"""docs/contract.md, docs/design.md and docs/bilingual-1.schema.json against the code: what is written there is so."""

from __future__ import annotations

import ast
import copy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from conftest import ROOT
from fakes import FakeEngine
from typer.main import get_command

from bilingual import bitext, checks, drafts, errors
from bilingual.cli.main import app
from bilingual.config import Config
from bilingual.document import (
    CLUTTER,
    Alignment,
    Block,
    BlockKind,
    Document,
    Edit,
    Mention,
    Origin,
    Segment,
    Signature,
    Summary,
    SummarySentence,
    TermHit,
    TermStatus,
)
from bilingual.pipeline import Settings, translate
from bilingual.reading import read_document
from bilingual.writing import FORMATS
from bilingual.writing.jsonl import MENTIONS, from_jsonl, to_jsonl

CONTRACT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
DESIGN = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs" / "bilingual-1.schema.json").read_text(encoding="utf-8"))
PACKAGE = ROOT / "bilingual"


def section(text: str, heading: str) -> str:
    """The part of a Markdown page under `heading`, up to the next heading of its level or above."""
    level = heading.index(" ")
    found = re.search(rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{level}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no {heading!r}"
    return found.group(1)


def rows(text: str, header: str) -> list[list[str]]:
    """The rows of the Markdown table whose header line is `header`."""
    lines = text.split("\n")
    start = lines.index(header) + 2
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in takewhile(lambda line: line.startswith("|"), lines[start:])
    ]


def code(cell: str) -> str:
    assert cell.startswith("`") and cell.endswith("`"), cell
    return cell[1:-1]


# ------------------------------------------------------------------------------------------------------------- the schema


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with no room for fields that it does not name: what we write ourselves is described whole."""
    schema = copy.deepcopy(schema)
    for kind in schema["$defs"].values():
        for part in (kind, *kind.get("properties", {}).values()):
            if "properties" in part:
                part["additionalProperties"] = False
    return schema


OPEN = jsonschema.Draft202012Validator(SCHEMA)
CLOSED = jsonschema.Draft202012Validator(closed(SCHEMA))


def check_lines(text: str) -> list[dict[str, Any]]:
    """Every line of a JSONL text against the closed schema, and what a schema cannot say."""
    assert text.endswith("\n")
    lines = [json.loads(line) for line in text[:-1].split("\n")]
    for number, line in enumerate(lines, 1):
        problems = [f"{error.json_path}: {error.message}" for error in CLOSED.iter_errors(line)]
        assert not problems, f"line {number}: {problems}"
    order = [line["type"] for line in lines]
    assert order == sorted(order, key=("document", "segment", "summary", *MENTIONS).index) and order.count("document") == 1
    segments = [line for line in lines if line["type"] == "segment"]
    for line in segments:
        spans = [(line["span"], None)]
        spans += [(term["source"], line["source"]) for term in line["terms"]]
        spans += [(term["target"], line["target"]) for term in line["terms"] if term["target"]]
        assert all(start <= end and (text is None or end <= len(text)) for (start, end), text in spans), line["id"]
    ids = [tuple(map(int, re.findall(r"\d+", line["id"]))) for line in segments]
    assert ids == sorted(set(ids)), "ids ascend, each once"
    if lines[0]["signature"]:
        counted = lines[0]["signature"]["origins"]
        assert all(sum(line["origin"] == origin for line in segments) == count for origin, count in counted.items())
        assert sum(counted.values()) == len(segments)
    return lines


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


OUTPUTS = sorted((ROOT / "outputs").glob("**/*.jsonl"))


@pytest.mark.parametrize("path", OUTPUTS or [None], ids=lambda path: path.name if path else "none")
def test_outputs_follow_the_schema(path: Path | None) -> None:
    if path is None:
        pytest.skip("no outputs/*.jsonl")
    lines = check_lines(path.read_text(encoding="utf-8"))
    assert lines[0]["signature"] and len(lines) > 1


ARTICLE = """Un nouveau centre ouvre

Partager sur Facebook

Par Anne Roy

Le centre abrite 100 000 puces. Voir www.exemple.fr pour en savoir plus ! 🚀

Ce que l’on sait

– Une panne a eu lieu.
– Deux autres suivront.

Source : www.exemple.org
"""


@pytest.mark.parametrize("keep_clutter", [False, True])
def test_a_translated_article_follows_the_schema(keep_clutter: bool) -> None:
    engine = FakeEngine(lambda text, search: text.upper(), fails_on="panne")
    document = translate(read_document(ARTICLE.encode(), "a.txt"), engine, Settings(keep_clutter=keep_clutter))  # type: ignore[arg-type]
    lines = check_lines(to_jsonl(document))
    segments = {line["id"]: line for line in lines if line["type"] == "segment"}
    assert lines[0]["left_out"] == (0 if keep_clutter else 2)
    assert {line["origin"] for line in segments.values()} >= {"mt", "failed"}
    assert any(line.get("reason") for line in segments.values())
    assert any(line.get("level") for line in segments.values())
    for line in segments.values():
        assert document.text[slice(*line["span"])] == line["source"]
    other = translate(read_document(ARTICLE.encode(), "a.txt"), engine, Settings(keep_clutter=not keep_clutter))  # type: ignore[arg-type]
    assert all(segments[s.id]["source"] == s.source for s in other.segments if s.id in segments), "ids do not depend on options"


def full_document() -> Document:
    """One of everything that a document may hold."""
    kinds, origins = get_args(BlockKind), get_args(Origin)
    hits = [
        TermHit((0, 2), "x", (0, 1) if status in ("kept", "enforced") else None, status, "n-best", change, level, "why")
        for status, change, level in zip(
            get_args(TermStatus), (0.0, -0.5, float("nan"), 0.1), ("strict", "prefer", "report", "strict"), strict=True
        )
    ]
    edits = (Edit((0, 1), "a", "b", "number"), Edit((0, 1), "b", "c", "copy", -0.25))
    blocks = []
    for number, kind in enumerate(kinds, 1):
        origin = origins[number % len(origins)]
        score, reason = None if number % 2 else -1.5, "why" if origin == "failed" else ""
        segment = Segment(f"p{number}.s1", "Été\u2028 \x00 🚀", (number, number + 6), kind, "c\ud800", origin, score)
        found = Alignment("2-1", 0.5, (3, 9) if number % 2 else None) if origin == "given" else None
        segment = replace(segment, flags=checks.FLAGS, terms=tuple(hits), edits=edits, reason=reason, alignment=found)
        blocks.append(Block(number, kind, segment.source, segment.span, number % 3, (segment,)))
    counted = {o: sum(b.segments[0].origin == o for b in blocks) for o in origins}
    signature = Signature("1", "m@1", "e/int8", 4, "rules/1", "0" * 64, "strict", counted)
    first, one = blocks[0].segments[0], Mention("Été", "c", ("p1.s1", "p2.s1"))
    sentence = SummarySentence(1, first.id, first.source, first.target, ("question",))
    summary = Summary((sentence,), one, (one, one), (one,), (one,))
    return Document("a/b.txt", tuple(blocks), "", "f" * 64, "cp1252", ("a note",), signature, 3, summary, "b.txt", "e" * 64)


def test_one_of_everything_follows_the_schema() -> None:
    text = to_jsonl(full_document())
    lines = check_lines(text)
    assert len(lines) == 1 + len(get_args(BlockKind)) + 6
    assert to_jsonl(from_jsonl(text, "a.jsonl")) == text, "a summary is read back as it was"
    check_lines(to_jsonl(Document("-", (), "", "0" * 64)))


SEGMENT: dict[str, Any] = {
    "type": "segment", "id": "p1.s1", "block": "paragraph", "span": [0, 4], "source": "Oui.", "target": "Yes.",
    "origin": "mt", "score": -0.1, "flags": [], "terms": [], "edits": [],
}  # fmt: skip
SUMMARY = {"type": "summary", "rank": 1, "segment": "p1.s1", "source": "Oui.", "target": "Yes."}
FIGURE = {"type": "figure", "source": "2 puces", "target": "2 chips", "segments": ["p1.s1"]}


@pytest.mark.parametrize(
    ("line", "change"),
    [
        (SEGMENT, {"id": "s1"}),
        (SEGMENT, {"id": "p0.s1"}),
        (SEGMENT, {"span": [0]}),
        (SEGMENT, {"span": [-1, 4]}),
        (SEGMENT, {"span": [0.5, 4]}),
        (SEGMENT, {"block": "footer"}),
        (SEGMENT, {"origin": "human"}),
        (SEGMENT, {"score": "-0.1"}),
        (SEGMENT, {"flags": ["Low Confidence"]}),
        (SEGMENT, {"flags": ["loop", "loop"]}),
        (SEGMENT, {"target": None}),
        (SEGMENT, {"terms": [{"source": [0, 1], "wanted": "x"}]}),
        (SEGMENT, {"edits": [{"span": [0, 1], "before": "a", "after": "b"}]}),
        (SEGMENT, {"type": "sentence"}),
        (SUMMARY, {"rank": 0}),
        (SUMMARY, {"segment": 1}),
        (FIGURE, {"segments": ["s1"]}),
        (FIGURE, {"segments": []}),
    ],
)
def test_the_schema_refuses(line: dict[str, Any], change: dict[str, Any]) -> None:
    assert OPEN.is_valid(line)
    assert not OPEN.is_valid(line | change)
    for key in line:
        assert not OPEN.is_valid({k: v for k, v in line.items() if k != key}), f"{key} is required"


def test_fields_and_lines_from_later_versions_are_ignored() -> None:
    document = full_document()
    lines = [json.loads(line) for line in to_jsonl(document).splitlines()]
    later = [{**line, "new": 1} for line in lines] + [SUMMARY, {"type": "mood", "is": "good"}]
    assert all(OPEN.is_valid(line) for line in later[:-1])
    text = "".join(json.dumps(line) + "\n" for line in later)
    assert from_jsonl(text, "a.jsonl").segments == from_jsonl(to_jsonl(document), "a.jsonl").segments


def test_the_schema_names_what_the_code_knows() -> None:
    parts = SCHEMA["$defs"]
    assert tuple(parts["segment"]["properties"]["block"]["enum"]) == get_args(BlockKind)
    assert tuple(parts["origin"]["enum"]) == get_args(Origin)
    assert tuple(parts["term"]["properties"]["status"]["enum"]) == get_args(TermStatus)


# ------------------------------------------------------------------------------------------------------------ contract.md


def test_exit_codes_are_those_of_the_contract() -> None:
    table = rows(section(CONTRACT, "## Exit codes"), "| exception | under | code |")
    written = {code(name): (code(under), int(number)) for name, under, number in table}
    tree = {
        name: (cls.__bases__[0].__name__, cls.exit_code)
        for name, cls in vars(errors).items()
        if isinstance(cls, type) and issubclass(cls, errors.BilingualError)
    }
    assert written == tree
    drawn = dict(re.findall(r"(\w+Error) +(\d)\b", errors.__doc__ or ""))
    assert {name: int(number) for name, number in drawn.items()} == {name: number for name, (_, number) in tree.items()}
    meanings = {int(number) for number, _ in rows(section(CONTRACT, "## Exit codes"), "| code | meaning |")}
    assert meanings == {0, 1, 2, 3, 130, 141, 143} and meanings > {number for _, number in tree.values()}


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its path, as ``models list``."""

    def walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield path, command
            return
        for name, sub in inner.items():
            yield from walk(sub, f"{path} {name}".strip())

    yield from walk(get_command(app), "")


def test_the_contract_lists_the_commands_that_there_are() -> None:
    listed = section(CONTRACT, "## Commands").split("```")[1]
    synopses = re.split(r"^bilingual ", listed, flags=re.MULTILINE)[1:]
    found = dict(commands())
    for name, command in found.items():
        synopsis = next((s for s in synopses if re.match(rf"{name}(?= |\n|$)", s)), None)
        assert synopsis is not None, f"docs/contract.md does not list bilingual {name}"
        said = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", synopsis))
        options = [set(p.opts) | set(p.secondary_opts) for p in command.params if p.param_type_name == "option" and not p.hidden]
        unsaid = [sorted(names) for names in options if not names & said and "--help" not in names]
        assert not unsaid, f"bilingual {name}: docs/contract.md does not say {unsaid}"
        unknown = said - set().union(*options)
        assert not unknown, f"bilingual {name}: docs/contract.md says {sorted(unknown)}, which is no option"
    names = {re.match(r"[a-z]+( [a-z]+)?(?=[ \n]|$)", s).group() for s in synopses if s[0].isalpha()}  # type: ignore[union-attr]
    assert names <= {*found}, f"docs/contract.md lists {sorted(names - {*found})}, which there are not"


def test_the_contract_says_every_flag_kind_origin_status_and_format() -> None:
    assert [code(flag) for flag, _ in rows(CONTRACT, "| flag | what was seen |")] == [
        *checks.FLAGS,
        drafts.CUT,
        *bitext.FLAGS,
        "failed",
    ]
    fields = {
        code(names.split(",")[0]): what
        for names, what in rows(
            section(CONTRACT, "## The JSONL (`bilingual/1`)").split("**Segment line**")[1], "| field | what |"
        )
    }
    kinds = re.findall(r"`([a-z-]+)`", fields["block"].split(" under ")[0])
    assert kinds == list(get_args(BlockKind))
    assert set(re.findall(r"`([a-z]+)`", fields["block"].split(";")[-1])) == CLUTTER
    assert re.findall(r"`([a-z-]+)`[:;]", fields["origin"]) == list(get_args(Origin))
    terms = {code(names): what for names, what in rows(CONTRACT.split("**Terms**")[1], "| field | what |")}
    assert re.findall(r"`([a-z-]+)`:", terms["status"]) == list(get_args(TermStatus))
    formats = {code(name): code(suffix) for name, suffix, _ in rows(CONTRACT, "| `--format` | suffix | what |")}
    assert formats == {name: form.suffix for name, form in FORMATS.items()}


def test_the_contract_says_every_kind_of_finding() -> None:
    paragraph = next(p for p in CONTRACT.split("\n\n") if p.startswith("**`check`**"))
    said = re.search(r"Kinds: (.*?) are errors \(.*?\);(.*?) are warnings", paragraph, re.DOTALL)
    assert said, paragraph
    listed = [re.findall(r"`([a-z-]+)`", part) for part in said.groups()]
    assert [*listed[0], *listed[1]] == list(checks.KINDS)
    pair = Segment("p1.s1", "Il a 40 ans.", target="He is 50.")
    [finding] = checks.check_segments([pair])
    assert finding.severity == "error" and finding.kind in listed[0]


def test_the_contract_says_every_field() -> None:
    text = section(CONTRACT, "## The JSONL (`bilingual/1`)")
    parts = (
        ("document", "**Document line**"),
        ("segment", "**Segment line**"),
        ("term", "**Terms**"),
        ("summary", "**Summary line**"),
    )
    for part, after in (*parts, ("mention", "**Lines beside it**")):
        table = rows(text.split(after)[1], "| field | what |")
        said = {name for names, _ in table for name in re.findall(r"`(\w+)`", names)}
        assert said == set(SCHEMA["$defs"][part]["properties"]) - {"type", "schema"}, part


def test_the_contract_says_every_key_of_the_configuration() -> None:
    paragraph = next(p for p in CONTRACT.split("\n\n") if p.startswith("**Configuration.**"))
    said = re.findall(r"`([a-z-]+)`", paragraph.split("Keys:")[1].split(";")[0])
    assert said == sorted(name.replace("_", "-") for name in Config.__dataclass_fields__ if name != "path")


# -------------------------------------------------------------------------------------------------------------- design.md

DOORS = {"__init__", "__main__", "cli"}
HEAVY = {
    *("markdown_it", "torch", "transformers", "ctranslate2", "huggingface_hub", "rich", "sacrebleu", "jiwer", "jinja2"),
    *("rapidfuzz", "ray", "starlette", "uvicorn"),
}
LIBRARIES = {
    "torch": {"engines"},
    "transformers": {"engines"},
    "ctranslate2": {"engines"},
    "sentencepiece": {"engines"},
    "huggingface_hub": {"engines", "cli"},
    "sacrebleu": {"metrics"},
    "jiwer": {"metrics"},
    "jinja2": {"writing"},
    "markupsafe": {"writing"},
    "ray": {"distributed"},
    "starlette": {"review"},
    "uvicorn": {"review"},
    "rapidfuzz": {"memory"},
    "sqlite3": {"memory"},
    "markdown_it": {"forms"},
    "typer": {"cli"},
    "rich": {"cli"},
}


@cache
def table() -> dict[str, frozenset[str]]:
    """The import table of docs/design.md: room → rooms that it may import."""
    found = {
        code(name): rooms for name, _, rooms in rows(section(DESIGN, "## Rooms"), "| room | what lives there | may import |")
    }
    spelled = {"–": set(), "all": set(found), "all but cli": set(found) - {"cli", "__main__"}}
    return {name: frozenset(spelled.get(rooms, {r.strip() for r in rooms.split(",")})) for name, rooms in found.items()}


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(source: str, package: tuple[str, ...]) -> Iterator[tuple[str, int, bool]]:
    """Modules that `source` imports anywhere, with the line, and whether the import runs when the module does.

    ``from bilingual import x`` counts as ``bilingual.x``; relative imports are resolved against `package`. Imports under
    ``if TYPE_CHECKING:`` count as well: a type is knowledge, too.
    """
    tree = ast.parse(source)
    later = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            later |= {id(inner) for statement in node.body for inner in ast.walk(statement)}
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = (
                ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
                if node.level
                else node.module or ""
            )
            names = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            names = [str(argument.value) for argument in node.args[:1] if isinstance(argument, ast.Constant)]
        for name in names:
            yield name, node.lineno, id(node) not in later


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import bilingual.cli.main", [("bilingual.cli.main", True)]),
        ("def f():\n    from bilingual import cli", [("bilingual.cli", False)]),
        ("if TYPE_CHECKING:\n    from bilingual.engines import Engine", [("bilingual.engines.Engine", False)]),
        ("from . import model\nfrom ..cli import main", [("bilingual.glossary.model", True), ("bilingual.cli.main", True)]),
        ("import importlib\nimportlib.import_module('torch')", [("importlib", True), ("torch", True)]),
        ("class A:\n    import torch", [("torch", True)]),
    ],
)
def test_imports_are_found(source: str, found: list[tuple[str, bool]]) -> None:
    assert [(name, now) for name, _, now in imports(source, ("bilingual", "glossary"))] == found


def test_every_room_has_a_row_and_every_row_a_room() -> None:
    assert {room_of(path) for path in MODULES} == set(table())
    assert all(rooms <= set(table()) for rooms in table().values())


def test_the_table_has_no_circles() -> None:
    open_rooms = {name: set(rooms) - {name} for name, rooms in table().items() if name not in DOORS}
    while open_rooms:
        ready = [name for name, rooms in open_rooms.items() if not rooms & set(open_rooms)]
        assert ready, f"these rooms reach one another in a circle: {sorted(open_rooms)}"
        for name in ready:
            del open_rooms[name]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_room_reaches_where_it_may_not(path: Path) -> None:
    room = room_of(path)
    package = ("bilingual", *path.relative_to(PACKAGE).parts[:-1])
    wrong = []
    for name, line, now in imports(path.read_text(encoding="utf-8"), package):
        first, _, rest = name.partition(".")
        if first == "bilingual":
            reached = rest.split(".")[0]
            if reached not in {"__version__", room, *table()[room]}:
                wrong.append(f"line {line}: {name}, and {room} may not import {reached or 'the package'}")
        elif first in LIBRARIES and room not in LIBRARIES[first]:
            wrong.append(f"line {line}: {name} belongs to {sorted(LIBRARIES[first])}")
        elif first in HEAVY and now:
            wrong.append(f"line {line}: {name} is imported when the module is")
    assert not wrong, f"{path.relative_to(ROOT)}: " + "; ".join(wrong)


LAZY = (
    "torch",
    "transformers",
    "ctranslate2",
    "sentencepiece",
    "sentencex",
    "simplemma",
    "rich.progress",
    "huggingface_hub",
    "sacrebleu",
    "numpy",
    "jinja2",
    "rapidfuzz",
    "ray",
    "sqlite3",
)


@pytest.mark.parametrize(
    "code",
    [
        "import bilingual",
        "import bilingual.cli.main",
        "import sys; sys.argv = ['bilingual', '--version']\n"
        "from bilingual.cli.main import app\ntry:\n    app()\nexcept SystemExit as end:\n    assert not end.code",
    ],
    ids=["import", "command line", "--version"],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code: str, tmp_path: Path) -> None:
    code += f"\nimport sys; print('LOADED', [name for name in {LAZY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "LOADED []", done.stdout
