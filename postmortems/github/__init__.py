"""The GitHub App: deployment protection rules and commit statuses. Its calls go through `egress`."""
