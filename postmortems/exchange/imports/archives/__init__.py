"""Archives: whole downloads of other tools, in a zip or a folder, and the reports that are in them.

What is in one file is the readers' business; here it is known which files belong together.
"""
