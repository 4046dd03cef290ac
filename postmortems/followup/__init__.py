"""Follow-up of action items: the list over all incidents, due dates, and edits of one.

Closing rules are in `gate`.
"""
