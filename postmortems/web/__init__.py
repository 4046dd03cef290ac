"""The web application: authentication, requests, responses, rendering.

Pages and API views are in their own rooms.
"""
