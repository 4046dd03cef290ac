"""Services, targets, guards, and the evidence they judge. What their verdicts lead to is in `gate`."""
