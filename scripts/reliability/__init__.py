"""Run hipform against bad video and bad moments; see `scripts.reliability.__main__`."""
