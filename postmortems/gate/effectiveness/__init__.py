"""Reviews of what guards blocked: rightly or not."""
