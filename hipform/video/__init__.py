"""Where frames come from: video files and cameras."""
