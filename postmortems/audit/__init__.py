"""The audit trail: one event for every act, written in the act's transaction.

Messages to others are in `notify`.
"""
