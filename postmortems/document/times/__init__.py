"""Times and dates as people write them, and the instants they mean."""
