"""What every wing speaks of: who publishes, links, tokens, languages, days, text and time. No vendor."""
