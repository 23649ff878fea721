"""Drafts that begin with what the publisher has put on its websites since the last issue."""
