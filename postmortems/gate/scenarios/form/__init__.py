"""The form in which people write a scenario."""
