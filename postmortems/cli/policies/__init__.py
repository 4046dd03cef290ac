"""Policies from the command line, through the server."""
