"""Reading and rendering one issue file."""
