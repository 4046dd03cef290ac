"""Due-date policies: how long an item may take, counted in whose days, and who hears of it when.

An item's due date stays part of its incident's document; what a policy worked out stands beside it.
"""
