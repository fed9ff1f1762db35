"""Translate French articles into English, offline, with a glossary that is obeyed."""

__version__ = "0.1.0"
