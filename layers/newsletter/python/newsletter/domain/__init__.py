"""Nouns and rules, standard library only."""
