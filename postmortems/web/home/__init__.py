"""Home: what needs one person today, put together of what each room has for them; nothing is decided here."""
