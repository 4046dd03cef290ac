"""What people call the browsers that they are signed in with, and an admin's page of them."""
