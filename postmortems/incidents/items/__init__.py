"""Action items of an incident: ids, numbers, kinds, and their life."""
