"""Backups of a whole stack, restoring them, and the drill that proves it."""
