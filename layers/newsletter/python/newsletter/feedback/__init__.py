"""What SES reports about emails, and what follows from it."""
