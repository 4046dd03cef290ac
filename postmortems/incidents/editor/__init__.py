"""The form in which incidents are written."""
