"""Public reports: what customers read of an incident, in words of its own, approved by a second person.

What may not leave the house is taken out by `redaction`; what is published stands frozen beside the text that
is worked on.
"""
