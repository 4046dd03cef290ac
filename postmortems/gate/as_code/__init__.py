"""Services, guards and scenarios as YAML, exported and imported."""
