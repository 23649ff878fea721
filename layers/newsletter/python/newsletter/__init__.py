"""Fortnightly: a newsletter that goes out every second week, with books that balance."""
