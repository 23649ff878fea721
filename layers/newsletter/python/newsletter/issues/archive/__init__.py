"""The public site: pages, lists, feeds and search."""
