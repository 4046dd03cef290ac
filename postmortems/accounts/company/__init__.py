"""Signing in through the company: an identity provider (OpenID Connect) says who somebody is."""
