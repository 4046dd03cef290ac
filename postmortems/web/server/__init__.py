"""What surrounds the application in its server: its runtime, admission, refusals, gunicorn's worker."""
