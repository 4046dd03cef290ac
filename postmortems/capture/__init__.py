"""What is noted while an incident runs: timeline entries by API, command line and chat commands.

The entries are saved as any edit is, by `gate.enforcement.save_incident`; chats that are pasted afterwards
are read by `document.readers`.
"""
