"""The gate: decisions about deploys, scenarios and drills, the protection of items, and closing rules.

Guards are in `guards`.
"""
