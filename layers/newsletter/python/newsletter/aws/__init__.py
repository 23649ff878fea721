"""DynamoDB, SQS, secrets and counters, without a noun of ours."""
