"""The web door: who asks, units of work, problems, contracts, rendering."""
