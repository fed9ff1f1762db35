"""The digest of several articles: what all say, what only one says, and where their figures differ."""

from __future__ import annotations

from bilingual.digest.compose import make_digest

__all__ = ["make_digest"]
