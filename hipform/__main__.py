"""``python -m hipform`` is the command line."""

from hipform.cli import main

if __name__ == "__main__":
    main()
