"""What editors decide about an issue."""
