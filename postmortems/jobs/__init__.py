"""Periodic jobs: leases among workers, and long work in batches.

What the jobs do is in each room's `jobs`.
"""
