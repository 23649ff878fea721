"""On which days issues are mailed."""
