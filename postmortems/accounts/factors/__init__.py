"""Second factors: authenticator apps, recovery codes, and the step between a password and a session.

Passwords, links and the sessions themselves are in `accounts`; who comes by the company is not asked here.
"""
