"""The life of an account: what ends when it is switched off, and what goes with it when it is renamed."""
