"""Letters: what each mail says, and how it is sent."""
