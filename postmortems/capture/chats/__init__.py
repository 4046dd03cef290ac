"""What people do from a chat: the command `/postmortem` and buttons under reminders, as themselves."""
