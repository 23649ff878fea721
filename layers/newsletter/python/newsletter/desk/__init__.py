"""Decisions of editors about an issue."""
