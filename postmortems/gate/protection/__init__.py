"""The protection of action items: how well guards hold each fix in place, restated as facts change."""
