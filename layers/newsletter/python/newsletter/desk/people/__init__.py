"""Single readers, for somebody of the team who looks after the list."""
