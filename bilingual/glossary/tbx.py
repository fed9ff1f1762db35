"""Glossaries as TBX, the format in which terminology tools exchange termbases (ISO 30042).

Read: TBX v2 (root ``martif``; ``tig`` and ``ntig``) and v3 (root ``tbx``), both styles (dca: ``<termNote type="partOfSpeech">``; dct:
``<min:partOfSpeech>``), whatever the dialect: what a glossary cannot use is passed over. Written: v3, TBX-Basic, dca.

One entry of TBX is a concept with its names in many languages, one row of a glossary a French term with its English:

- the first French name by administrative status is the source, the others are its variants, superseded ones too (texts use them);
- the first English name is the target, the others its variants; deprecated and superseded English becomes forbidden rows;
- an entry marked as not to be translated (a note « do not translate », or Weblate's ``Translation needed: No``) whose English is its
  French becomes a do-not-translate row.

Nothing is loaded or expanded (see `bilingual.markup`): a plain DOCTYPE (``<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">``, which v2
files carry) is passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from bilingual.errors import GlossaryError
from bilingual.glossary.model import Glossary, Term, same_source_key
from bilingual.glossary.tables import LONGEST_CELL
from bilingual.inflection import fold
from bilingual.markup import Node, Refused, read_elements

NAMESPACE = "urn:iso:std:iso:30042:ed-2"
DO_NOT_TRANSLATE = "do not translate"
"""The note that marks an entry, when it is written; capitals and hyphens make no difference when it is read."""

_ROOTS = frozenset({"tbx", "martif"})
_ENTRIES, _LANGUAGES, _NAMES = (
    frozenset({"conceptEntry", "termEntry"}),
    frozenset({"langSec", "langSet"}),
    frozenset({"termSec", "tig", "ntig"}),
)
_FRENCH, _ENGLISH = frozenset({"fr", "fra", "fre"}), frozenset({"en", "eng"})
_DEPRECATED = frozenset("deprecated superseded forbidden obsolete notrecommended rejected".split())
_PREFERRED = frozenset("preferred recommended standardized".split())
_STATUS_CATEGORIES = frozenset({"administrativestatus", "normativeauthorization"})
_ACRONYMS = frozenset({"acronym", "initialism"})
_POS_READ = {"propernoun": "proper noun", "proper noun": "proper noun"}
_POS_WRITTEN = {
    "noun": "noun",
    "verb": "verb",
    "adjective": "adjective",
    "adverb": "adverb",
    "acronym": "noun",
    "other": "other",
    "phrase": "",
}
"""What TBX-Basic knows; a proper noun is none of it."""
_SPACE = re.compile(r"[ \t\r\n]+")


# --- reading -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Name:
    """A term of one language, with what is said about it."""

    text: str
    line: int
    rank: int  # 0 preferred, 1 not marked, 2 admitted, 3 deprecated
    pos: str
    notes: tuple[str, ...]
    untranslated: bool


_Problem = tuple[int, str]


def read_tbx(data: bytes | str, name: str = "", where: str = "") -> tuple[Glossary, tuple[str, ...]]:
    """A TBX file as a glossary, and a line for what was left out or will surprise. `where` is what messages call the file.

    Entries without French or English are left out and counted. Where two entries disagree about a French term both rows are given,
    and said: the first wins. Raises `GlossaryError` with every problem and its line when the file is broken or has no usable entry.

    >>> french, english = ('<langSet xml:lang="%s"><tig><term>%s</term></tig></langSet>' % p for p in (("fr", "puce"), ("en-US", "chip")))
    >>> read_tbx(f"<martif><text><body><termEntry>{french}{english}</termEntry></body></text></martif>")[0].terms
    (Term(source='puce', target='chip', source_variants=(), target_variants=(), pos='', plural='', case='match', status='preferred', \
level='strict', unless=None, note='', line=1),)
    """
    where = where or name or "glossary"
    problems: list[_Problem] = []
    terms: list[Term] = []
    said: list[_Problem] = []
    unpaired: list[int] = []
    try:
        for entry in read_elements(data, _ROOTS, _ENTRIES, "TBX"):
            terms += _terms(entry, problems, said, unpaired)
    except Refused as refused:
        problems.append(refused.args[0])
    if not terms and not problems:
        problems.append((1, "has no entry with French and English terms; give a termbase with languages fr and en"))
    if problems:
        raise GlossaryError("\n".join(f"{where}:{line}: {what}" for line, what in sorted(problems)))
    if unpaired:
        entries = "entry without French or English is" if len(unpaired) == 1 else "entries without French or English are"
        said.append((unpaired[0], f"{len(unpaired)} {entries} left out, the first here"))
    said += _homonyms(terms)
    return Glossary(tuple(terms), name), tuple(f"{where}:{line}: {what}" for line, what in sorted(said))


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


def _terms(entry: Node, problems: list[_Problem], said: list[_Problem], unpaired: list[int]) -> list[Term]:
    """The rows of one entry."""
    names: dict[str, list[_Name]] = {"fr": [], "en": []}
    said_of_all = list(_categories(entry))
    for section in (child for child in entry.children if child.tag in _LANGUAGES):
        code = section.attributes.get("lang", "").strip().lower()
        if not code:
            problems.append((section.line, f"<{section.tag}> has no xml:lang; say which language it is"))
            continue
        language = re.split(r"[-_]", code)[0]
        side = "fr" if language in _FRENCH else "en" if language in _ENGLISH else ""
        if side:
            said_of_all += _categories(section)
            names[side] += _names(section, problems, said)
    french = sorted(names["fr"], key=lambda name: name.rank)
    english = sorted((name for name in names["en"] if name.rank < 3), key=lambda name: name.rank)
    banned = [name for name in names["en"] if name.rank == 3]
    sources = list(dict.fromkeys(name.text for name in french))
    targets = list(dict.fromkeys(name.text for name in english))
    marked = _is_marked(said_of_all) or any(name.untranslated for name in (*french, *english))
    same = marked and bool(sources) and set(targets) <= set(sources)
    if not sources or not (targets or banned or same):
        unpaired.append(entry.line)
        return []
    pos = french[0].pos or next((name.pos for name in (*english[:1], *banned[:1]) if name.pos != "acronym"), "")
    notes = [text for category, text in said_of_all if category == "note"]
    notes += [note for name in (*french, *english) for note in name.notes]
    if same:
        notes = [note for note in notes if not _is_mark(note)]
    definition = next((text for category, text in said_of_all if category == "definition"), "")
    note = "; ".join(dict.fromkeys(notes)) or definition
    first, others = sources[0], tuple(sources[1:])
    rows = []
    if same:
        rows.append(Term(first, first, others, pos=pos, status="do-not-translate", note=note, line=entry.line))
    elif targets:
        rows.append(Term(first, targets[0], others, tuple(targets[1:]), pos=pos, note=note, line=entry.line))
    allowed = {fold(target) for row in rows for target in (row.sources if same else row.targets)}
    for name in _once(banned):
        if fold(name.text) in allowed:
            said.append((name.line, f"'{name.text}' is deprecated and allowed in one entry; it is allowed"))
            continue
        own = "; ".join(name.notes) or ("" if rows else note)
        rows.append(Term(first, name.text, others, pos=pos, status="forbidden", note=own, line=name.line))
    return rows


def _once(names: Sequence[_Name]) -> list[_Name]:
    return list({name.text: name for name in reversed(names)}.values())[::-1]


def _names(section: Node, problems: list[_Problem], said: list[_Problem]) -> list[_Name]:
    """The terms of a language, in the order of the file."""
    names = []
    for child in (child for child in section.children if child.tag in _NAMES):
        for group in [child, *(inner for inner in child.children if inner.tag == "termGrp")]:
            for term in (node for node in group.children if node.tag == "term"):
                text = _text(term)
                if wrong := _what_is_wrong(text):
                    problems.append((term.line, wrong))
                elif not any(c.isalnum() for c in text):
                    said.append((term.line, f"the term '{_shown(text)}' has no letter or digit and is left out"))
                else:
                    names.append(_name(text, term.line, child))
    return names


def _name(text: str, line: int, section: Node) -> _Name:
    said = list(_categories(section))
    notes = [value for category, value in said if category == "note"]
    values = dict(reversed(said))
    status = next((values[category] for category in sorted(_STATUS_CATEGORIES) if category in values), "")
    status = re.sub(r"(?:term)?(?:-admn-sts)?$", "", status.strip().lower())
    rank = 1 if not status else 0 if status in _PREFERRED else 3 if status in _DEPRECATED else 2
    pos = values.get("partofspeech", "").lower()
    kind = values.get("termtype", "").lower()
    if kind in _ACRONYMS and pos in ("", "noun"):
        pos = "acronym"
    elif kind.startswith("phrase") and not pos:
        pos = "phrase"
    return _Name(text, line, rank, _POS_READ.get(pos, pos), tuple(notes), _is_marked(said))


def _is_marked(said: Sequence[tuple[str, str]]) -> bool:
    """Whether something that is said of an entry or a term is that it is not to be translated."""
    return any(
        (category == "note" and _is_mark(value))
        or (category in ("translation needed", "translationneeded", "translationnote") and value.lower() == "no")
        or (category in ("do not translate", "donottranslate") and value.lower() in ("yes", "true", "1"))
        for category, value in said
    )


def _is_mark(note: str) -> bool:
    return re.sub(r"[\s_-]+", " ", note.strip(" .!")).lower() in (DO_NOT_TRANSLATE, "dnt")


def _categories(node: Node) -> Iterator[tuple[str, str]]:
    """What is said at one level, as (category in small letters, text), in the order of the file: dca, dct and notes alike."""
    waiting = [(child, node.tag) for child in reversed(node.children)]
    while waiting:
        child, parent = waiting.pop()
        tag = child.tag
        if tag in _LANGUAGES or tag in _NAMES or tag in ("term", "transacGrp", "termCompList"):
            continue
        if tag == "note":
            if parent not in ("descripGrp", "adminGrp") and (text := _text(child)):
                yield "note", text
        elif tag.endswith("Grp"):
            waiting += [(inner, tag) for inner in reversed(child.children)]
        else:
            category = child.attributes.get("type", tag) if tag in ("termNote", "descrip", "admin") else tag
            if text := _text(child):
                yield category.strip().lower(), text


def _text(node: Node) -> str:
    """The text of an element and of all that it holds, in NFC, its white space as single spaces."""
    pieces: list[str] = []
    waiting: list[str | Node] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            pieces.append(part)
        else:
            waiting += reversed(part.parts)
    return _plain("".join(pieces))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", _SPACE.sub(" ", text).strip(" "))


def _what_is_wrong(text: str) -> str:
    if control := next((c for c in text if unicodedata.category(c) == "Cc"), None):
        return f"a term has the control character U+{ord(control):04X}; remove it"
    return f"a term is longer than {LONGEST_CELL} characters; shorten it" if len(text) > LONGEST_CELL else ""


def _homonyms(terms: Sequence[Term]) -> Iterator[_Problem]:
    """French terms of two entries with different English."""
    wanted: dict[str, Term] = {}
    for term in terms:
        if term.status == "forbidden":
            continue
        for source in term.sources:
            other = wanted.setdefault(same_source_key(source), term)
            if other.target != term.target:
                what = f"'{source}' is '{term.target}' here and '{other.target}' in line {other.line}; the first wins"
                yield term.line, what


# --- writing -----------------------------------------------------------------------------------------------------------------


def write_tbx(glossary: Glossary) -> tuple[str, tuple[str, ...]]:
    """A glossary as TBX v3 (TBX-Basic, dca), and a line for everything that it cannot carry.

    A row becomes an entry; forbidden rows join the entry with the same French, as deprecated terms. TBX-Basic has no place for
    irregular plurals, case, level and contexts, and no proper nouns. The same glossary gives the same bytes.

    >>> text, lost = write_tbx(Glossary((Term("puce", "chip", level="prefer", line=2),), "mine"))
    >>> text.count("<term>"), lost
    (2, ('line 2: puce: level (prefer) is lost',))
    """
    lost: list[str] = []
    entries: dict[tuple[tuple[str, ...], str, int], list[Term]] = {}
    for number, term in enumerate(glossary.terms):
        if strange := _unwritable(term):
            lost.append(f"{_at(term)}: has {strange}, which XML cannot hold; left out")
            continue
        lost += [f"{_at(term)}: {what}" for what in _beyond_tbx(term)]
        key = (tuple(map(_plain, term.sources)), term.pos, 0)
        if term.status != "forbidden" and any(row.status != "forbidden" for row in entries.get(key, ())):
            key = (*key[:2], number)  # one French term, two senses: two entries
        entries.setdefault(key, []).append(term)
    written = "".join(_entry(n, rows) for n, rows in enumerate(entries.values(), 1))
    title = escape(_plain("".join(c for c in glossary.name if c.isprintable())) or "Glossary")
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<tbx style="dca" type="TBX-Basic" xml:lang="en" xmlns="{NAMESPACE}">\n'
        "  <tbxHeader>\n    <fileDesc>\n"
        f"      <titleStmt><title>{title}</title></titleStmt>\n"
        f"      <sourceDesc><p>French-English glossary, sha256 {glossary.sha256}</p></sourceDesc>\n"
        "    </fileDesc>\n  </tbxHeader>\n"
    )
    return f"{head}  <text>\n    <body>\n{written}    </body>\n  </text>\n</tbx>\n", tuple(lost)


def _at(term: Term) -> str:
    return f"line {term.line}: {term.source}" if term.line else term.source


def _unwritable(term: Term) -> str:
    cells = "".join((*term.sources, *term.targets, term.note))
    strange = sorted({c for c in cells if (unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\r\n") or c in "\ufffe\uffff"})
    return ", ".join(f"U+{ord(c):04X}" for c in strange)


def _beyond_tbx(term: Term) -> Iterator[str]:
    plain = Term(term.source, term.target)
    for name in ("plural", "case", "level", "unless"):
        if getattr(term, name) != getattr(plain, name):
            yield f"{name} ({getattr(term, name)}) is lost"
    if term.pos and term.pos not in _POS_WRITTEN:
        yield f"part of speech ({term.pos}) becomes {'noun' if term.pos == 'proper noun' else 'other'}"
    if term.status == "do-not-translate" and not set(term.targets) <= set(term.sources):
        yield "the target of a term that is not to be translated is lost"
    if any(_SPACE.sub(" ", cell).strip(" ") != cell for cell in (*term.sources, *term.targets, term.note)):
        yield "white space becomes single spaces"


def _entry(number: int, rows: Sequence[Term]) -> str:
    kept = next((row for row in rows if row.status != "forbidden"), None)
    first = kept or rows[0]
    untranslated = first.status == "do-not-translate"
    notes = [DO_NOT_TRANSLATE] * untranslated + [first.note] * bool(kept and first.note.strip())
    kind = first.pos if first.pos in ("acronym", "phrase") else ""
    french = [_section(first.source, first, "preferred", kind)]
    french += [_section(source, first, "admitted") for source in first.source_variants]
    names = () if kept is None else kept.sources if untranslated else kept.targets
    english = [_section(target, first, "preferred" if n == 0 else "admitted") for n, target in enumerate(names)]
    for row in rows:
        if row.status == "forbidden":
            english += [_section(target, row, "deprecated", note=row.note) for target in row.targets]
    lines = [f"      <conceptEntry id={quoteattr(f'c{number}')}>", *(f"        {_note(note)}" for note in notes)]
    for code, sections in (("fr", french), ("en", english)):
        lines += [f'        <langSec xml:lang="{code}">', *sections, "        </langSec>"]
    return "\n".join((*lines, "      </conceptEntry>\n"))


def _section(text: str, term: Term, status: str, kind: str = "", note: str = "") -> str:
    pos = _POS_WRITTEN.get(term.pos, "noun" if term.pos == "proper noun" else "other") if term.pos else ""
    said = {"partOfSpeech": pos, "administrativeStatus": f"{status}Term-admn-sts", "termType": kind}
    lines = [f"            <term>{escape(_plain(text))}</term>"]
    lines += [f'            <termNote type="{name}">{value}</termNote>' for name, value in said.items() if value]
    lines += [f"            {_note(note)}"] * bool(note.strip())
    return "\n".join(("          <termSec>", *lines, "          </termSec>"))


def _note(text: str) -> str:
    return f"<note>{escape(_plain(text))}</note>"
