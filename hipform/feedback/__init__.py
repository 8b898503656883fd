"""What to tell the lifter, when and how often."""
