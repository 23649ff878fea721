"""The ports of this wing on real technology."""
