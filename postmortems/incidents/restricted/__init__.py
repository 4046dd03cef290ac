"""Restricted incidents: who may read them, and how admins open one."""
