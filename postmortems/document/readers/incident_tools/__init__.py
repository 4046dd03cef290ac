"""Incidents of paging and incident tools as reports, from the JSON that their APIs publish."""
