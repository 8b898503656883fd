"""Landmarks that other tools found: a file for each of their formats, all read into hipform's own landmarks.

A new format is one file that declares its `PoseFormat`, and its place in the list in `formats`.
"""
