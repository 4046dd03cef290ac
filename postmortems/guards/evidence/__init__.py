"""Evidence: submitted, stored and found."""
