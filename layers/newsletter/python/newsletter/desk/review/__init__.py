"""What passes between people about an issue before it goes out: comments, who is there, tests for somebody else."""
