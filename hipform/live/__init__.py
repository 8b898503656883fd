"""A training while it is filmed: capture, inference, screen and recorder."""
