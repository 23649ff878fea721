"""`newsletter dead-letters`: what failed for good, and the way back."""
