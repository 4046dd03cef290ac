"""The report of one month: what the catalog says of it on one page, kept as it was once the month is over."""
