"""Commands about all that a database holds: backup, restore, copies, and what is held after them."""
