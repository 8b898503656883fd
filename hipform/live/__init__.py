"""What the application does while a training is filmed: capture, pose model, screen, voice and recorder."""
