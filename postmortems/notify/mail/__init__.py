"""Mail: addresses of people, messages in HTML and text, and their way to the operator's server.

What is said in them is in `notices` and `digests`.
"""
