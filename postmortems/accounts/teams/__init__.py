"""Teams: people with their leads, and the names under which people and teams stand in reports.

Which team a service belongs to is the service's fact; that of an item is worked out in `followup`.
"""
