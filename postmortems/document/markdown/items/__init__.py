"""What the words of an action item say: who, by when, how far, in its own words, in tables and in fields."""
