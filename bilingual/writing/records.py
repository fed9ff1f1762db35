"""Records of somebody else's making with their translation: what came in stays as it was, ours stands behind it."""

from __future__ import annotations

import json
from collections.abc import Set

from bilingual.document import Segment
from bilingual.writing.jsonl import line_of_record, segment_record

OURS = ("target", "origin", "score", "flags", "terms", "edits", "reason")
"""The fields of a segment line that a record gets."""


def record_line(record: str, fields: Set[str], segment: Segment) -> str:
    r"""A record's line, newline included: its own JSON, character for character, then those of ``OURS`` that the segment has.

    `record`: one JSON object with at least one field, without white space around it; `fields`: the names of its fields. Those that have
    one of our names give way; only then the object is written anew.

    >>> print(record_line('{"id": 1.50,  "text": "Oui."}', {"id", "text"}, Segment("p1.s1", "Oui.", target="Yes.")), end="")
    {"id": 1.50,  "text": "Oui.","target":"Yes.","origin":"mt","score":null,"flags":[],"terms":[],"edits":[]}
    """
    ours = {key: value for key, value in segment_record(segment).items() if key in OURS}
    if fields.isdisjoint(OURS):
        return f"{record[:-1].rstrip()},{line_of_record(ours)[1:]}"
    kept = {key: value for key, value in json.loads(record).items() if key not in OURS}
    return line_of_record(kept | ours)
