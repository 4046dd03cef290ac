"""The database: sessions, migrations, and the watch over PostgreSQL's connections.

Tables are in each room's `models`.
"""
