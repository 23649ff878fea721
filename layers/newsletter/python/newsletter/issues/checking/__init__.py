"""The checks that every issue passes before it may be mailed."""
