"""The app: pages of this computer for everything that the command line does with clips; routes hold no analysis."""
