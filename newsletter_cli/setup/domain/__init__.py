"""What setting up knows without asking anybody: questions, records, regions, the bill."""
