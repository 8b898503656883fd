"""The limits of what a client may ask of the app."""

MAX_UPLOAD_BYTES = 4_000_000_000
FREE_DISK_BYTES = 1_000_000_000
"""Disk space that stays free beside an upload, for its results."""
MAX_UPLOADS = 100
MAX_FORM_BYTES = 64_000
MAX_HEADER_BYTES = 16_000
MAX_CONNECTIONS = 100
MAX_STREAMS = 30
"""Pages that may listen for news at a time."""
MAX_FRAME_BYTES = 2_000_000
"""Size of a frame of the browser's camera."""
MAX_FRAMES_WAITING = 3
"""Frames of the browser's camera that may wait to be taken; what comes while so many wait is dropped."""
SILENT_LIMIT_S = 15.0
"""How long the page of a live training may send nothing."""
HEADER_LIMIT_S = 10.0
"""How long a client may take to send the head of a request."""
PIECE_LIMIT_S = 20.0
"""How long a client may be silent within a request."""
