"""Clients of issue trackers: GitHub, GitLab, Jira and Linear, behind one set of values."""
