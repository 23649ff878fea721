"""`newsletter doctor`: everything that can be wrong with a stack, and what to do about it."""
