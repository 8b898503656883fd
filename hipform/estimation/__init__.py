"""Pose estimation over a clip: which frames are processed, and how the poses of a segment are found."""
