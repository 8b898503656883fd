"""Sources of poses: pose models, landmark recordings, and landmark files of other tools."""
