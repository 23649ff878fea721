"""Who is on the list, and how they came, changed and left."""
