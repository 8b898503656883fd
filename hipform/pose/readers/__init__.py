"""Readers of landmarks from other tools: one file per format, all converted to hipform's landmarks.

A new format is one file that declares its `PoseFormat`, and one entry in the list in `formats`.
"""
