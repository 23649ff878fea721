"""Nouns and rules; the standard library alone."""
