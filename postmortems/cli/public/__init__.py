"""The commands under `public`: what is published of incidents for customers."""
