"""From an uploaded file to people on the list, piece by piece."""
