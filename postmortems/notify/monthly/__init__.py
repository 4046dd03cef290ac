"""The report of a month, told to those who want it once it is kept, and mailed when an admin asks."""
