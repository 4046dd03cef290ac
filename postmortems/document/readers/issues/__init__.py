"""Issues of trackers as reports: GitHub, GitLab and Jira, from their JSON, XML and CSV."""
