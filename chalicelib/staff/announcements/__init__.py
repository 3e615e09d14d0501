"""What staff say to people, by the channels of their choice."""
