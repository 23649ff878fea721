"""What operators and editors may ask for, by name."""
