"""The walk from an account to the first email, and back."""
