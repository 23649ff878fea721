"""The desk's pages about the publisher's own words and looks, about the sender and about keys."""
