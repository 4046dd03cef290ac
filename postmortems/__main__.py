"""`python -m postmortems`: the command line."""

import gc

from postmortems.cli import main

# What a command loads stays until it ends, so that it is rarely garbage; servers settle theirs themselves.
YOUNGEST = 50_000

if __name__ == "__main__":
    gc.set_threshold(YOUNGEST, 20, 20)
    main()
