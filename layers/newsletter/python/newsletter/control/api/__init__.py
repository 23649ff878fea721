"""What programs may ask for, under `/api/v1`: each route with the act it takes, behind one door."""
