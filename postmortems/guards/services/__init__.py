"""The pages of services. Their rows are in `guards.operations` and `guards.queries`."""
