"""The protection of action items: how real each fix is, restated as facts change."""
