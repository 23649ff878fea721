"""What a list from elsewhere is made of, and which rules decide about its rows."""
