"""Copies of a whole database: what one holds at one moment, in a file or in another database.

Tables are read off the database and not off the models, so that any revision can be copied. What follows from
other rows, the index of search, is left out and made anew.
"""
