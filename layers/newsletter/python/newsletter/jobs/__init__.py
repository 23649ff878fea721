"""Verbs: one public function per file, everything passed in."""
