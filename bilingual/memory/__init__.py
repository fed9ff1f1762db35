"""What was translated once is not translated again: an SQLite file of sentences, off unless a user names one.

    memory = open_memory(Path("house.memory"))
    translate(article, engine, settings, memory)      what is remembered is not translated; what is new is remembered
    memory.close()

    keys ── under what a translation is remembered: everything that it depends on
    records ── a translation as a line of JSON, and back
    store ── the file: opened, read, written, set aside when it is damaged
    exchange ── the memory as JSON Lines, out and in          likeness ── sentences that are nearly the same, to be shown

Two kinds of sentences stand in it: what a model said, which serves where model, settings, rules and terms are the same, and what a
person corrected, which serves wherever the French is the same. Nothing that is merely alike is ever used.
"""

from bilingual.memory.keys import Kind, key_of, kind_of
from bilingual.memory.likeness import Alike, find_alike
from bilingual.memory.store import Memory, open_memory

__all__ = ["Alike", "Kind", "Memory", "find_alike", "key_of", "kind_of", "open_memory"]
