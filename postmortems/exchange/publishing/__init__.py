"""Publishing: incidents as pages elsewhere, kept up to date there, and nothing overwritten unasked."""
