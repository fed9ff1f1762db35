"""The last line of a page, for programs: what it was made of and how, so that a later run can leave it alone or protect it."""

from __future__ import annotations

import json
from typing import Any

from bilingual.document import Document
from bilingual.writing.jsonl import document_line

KEPT = ("schema", "source_sha256", "left_out", "signature", "summary", "target_sha256")


def stamp(document: Document, **more: Any) -> str:
    """Source and signature as in the JSONL's document line, and `more`, in a comment of HTML that nothing in them can end.

    >>> stamp(Document("a.txt", ()))
    '<!-- bilingual {"schema":"bilingual/1","source_sha256":"","left_out":0,"signature":null} -->\\n'
    """
    record = json.loads(document_line(document))
    return comment({**{key: record[key] for key in KEPT if key in record}, **more})


def comment(record: dict[str, Any]) -> str:
    r"""`record` as one line of HTML comment.

    >>> comment({"a": "--> <b>"})
    '<!-- bilingual {"a":"-\\u002d\\u003e \\u003cb\\u003e"} -->\n'
    """
    text = json.dumps(record, separators=(",", ":")).replace("--", "-\\u002d").replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<!-- bilingual {text} -->\n"
