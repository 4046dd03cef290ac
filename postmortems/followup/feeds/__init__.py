"""Feeds of what is due: calendars and Atom at secret addresses, and the settings page that makes those."""
