"""What surrounds the application in its server: admission, refusals, gunicorn's worker."""
