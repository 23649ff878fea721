"""Webhooks: which programs are told of events, what they are told, and what became of it."""
