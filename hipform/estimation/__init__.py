"""Pose estimation over a clip: which frames are looked at, and how the poses of a stretch of it are found."""
