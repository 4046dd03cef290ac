"""Accounts of programs: pipelines and scripts that no person signs in as. What they show is a token, which is
made like anybody's; jobs that a CI signs for are in `ci_identities`."""
