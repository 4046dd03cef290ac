"""All outgoing calls: clients, connections, and the rules which addresses may be called.

No other room opens sockets.
"""
