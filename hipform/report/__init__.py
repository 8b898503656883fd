"""The outputs of an analysis: the typed result, JSON, CSV, the pages and the terminal table."""
