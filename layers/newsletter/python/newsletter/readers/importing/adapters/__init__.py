"""Where uploads lie, what is remembered about them, and the queue between."""
