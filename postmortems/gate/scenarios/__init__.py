"""Scenarios: recorded deploys, replayed as drills against today's guards."""
