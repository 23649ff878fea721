"""Taking over a list from another system, and giving the whole list out."""
