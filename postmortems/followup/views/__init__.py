"""Saved views of the list of items: filters and sort under a name, one's own or shared, and whose default.

What is listed under one is worked out for whoever looks at it: a view keeps no rows.
"""
