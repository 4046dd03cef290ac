"""Search: what a query asks for, and the index that answers it.

What of an incident, an item or a guard is found is said in their own rooms; how the databases keep the index,
in `db/full_text`.
"""
