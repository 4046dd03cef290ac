"""What assistants may ask and do, by the Model Context Protocol: tools, resources and prompts.

They call the operations and queries that the API calls, as who sent the token. The protocol over HTTP is in
`api.py`; over standard input and output the command `mcp` speaks it by the protocol's own SDK.
"""
