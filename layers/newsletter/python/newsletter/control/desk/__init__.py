"""What the pages of the desk ask for: each route with the act it takes, behind one door."""
