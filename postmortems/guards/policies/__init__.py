"""Policies that people read and acknowledge."""
