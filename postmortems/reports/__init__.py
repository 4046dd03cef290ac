"""Reports: open process fixes, and the coverage of incidents by guards."""
