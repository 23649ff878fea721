"""What operators may ask of `control`: each action reads its wish, calls a job, and answers what JSON can hold."""
