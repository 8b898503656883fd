"""Train the recognition of exercises and report its cross-validated figures."""
