"""What operators watch a process by: its log, and what is measured of requests.

Nothing here decides anything; what is measured of incidents and items is in `reports`.
"""
