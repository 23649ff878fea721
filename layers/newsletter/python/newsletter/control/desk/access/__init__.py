"""Who comes to the desk: signing in and out, the team, and everybody's own account."""
