"""Amazon SES on a laptop: the v2 API with its limits, events and failures, and an inbox to read what was sent."""
