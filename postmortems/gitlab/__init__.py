"""GitLab servers: external status checks and deployment approvals. Calls go through `egress`."""
