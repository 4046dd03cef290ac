"""What each person hears of, where and when: the mail address, quiet hours, and a switch for each kind.

What they are told is in `inbox` and `digests`.
"""
