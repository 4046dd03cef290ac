"""Pictures and files that are attached to incidents: checked, stored once, served and forgotten.

What refers to them is the text of a document; who may see one is who may see an incident that uses it.
"""
