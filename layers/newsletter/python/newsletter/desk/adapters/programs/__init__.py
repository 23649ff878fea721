"""What is kept for programs with a key, in DynamoDB."""
