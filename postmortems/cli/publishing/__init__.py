"""Commands that publish incidents elsewhere."""
