"""Passkeys: making one, signing in by one, and what is kept of them."""
