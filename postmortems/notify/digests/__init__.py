"""Digests: what is open on somebody's name or their team's, at the day and hour that they chose.

They are told like anything else, by `inbox`; when, `schedule` says.
"""
