"""Import, export and git sync of incidents as files. How a file is read is in `document`."""
