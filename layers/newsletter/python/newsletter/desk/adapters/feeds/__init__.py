"""Feeds of websites: fetched and read by a function that holds nothing else, remembered in DynamoDB."""
