"""One issue on its way to the audience: snapshot, batches, SES, books."""
