"""PDF of pages, made in a child process."""
