"""Mail that lets somebody in: invitations, forgotten passwords, and word of what was changed.

Signing in itself is in `accounts`; which address a person has is in `people`.
"""
