"""What to say to the lifter, when and how often."""
