"""SCIM 2.0 (RFC 7643, 7644): the company's directory makes, renames and ends accounts, and fills teams."""
