"""Signing in at the desk, without a password, and staying signed in."""
