"""The page of one issue: what it looks like, what is said about it, who is there, and what may be decided."""
