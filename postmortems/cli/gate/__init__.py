"""The `gate` commands that pipelines run, with the standard library alone.

The gate itself is in `postmortems.gate`.
"""
