"""Where each kind of evidence is found: one module a place, each with one query however many guards ask."""
