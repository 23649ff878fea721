"""Drafts: texts that editors write in the browser, until they are handed in as uploads."""
