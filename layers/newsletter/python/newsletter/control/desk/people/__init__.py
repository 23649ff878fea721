"""The pages about readers: how many there are, one of them, and lists that come and go."""
