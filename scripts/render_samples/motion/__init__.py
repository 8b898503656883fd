"""One file per family of movements: what turns posture targets into a posed body."""
