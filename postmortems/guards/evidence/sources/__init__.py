"""Sources of evidence, one module for each kind of it."""
