"""`audit`: the record of who did what, as its operator checks it."""
