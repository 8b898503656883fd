"""Where poses come from: pose models, saved recordings, and files of other tools."""
