"""What an analysis leaves behind: the typed result, JSON, CSV and the table in the terminal."""
