"""`python -m postmortems`: the command line."""

from postmortems.cli import main

if __name__ == "__main__":
    main()
