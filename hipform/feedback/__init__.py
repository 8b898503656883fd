"""What to say, when and how often; apart from what is wrong."""
