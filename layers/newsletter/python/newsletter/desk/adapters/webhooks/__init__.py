"""Webhooks in DynamoDB and SQS, out of DynamoDB's streams, and over HTTPS."""
