"""The kind `heartbeat`, with cron schedules and the pings of jobs."""
