"""What became of a send, and how the list grows."""
