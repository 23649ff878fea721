"""The pages that look over days, sends, results and the health of the newsletter, and the help."""
