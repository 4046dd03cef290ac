"""What pages of several editors have in common: people and days behind their mark, keys below a title."""
