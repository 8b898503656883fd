"""Tools for people who work on hipform; none of them is part of the installed package."""
