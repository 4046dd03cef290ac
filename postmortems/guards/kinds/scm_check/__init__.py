"""The kind `scm_check`, with the commit states of GitHub and GitLab."""
