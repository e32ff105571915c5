"""What every page needs: guards, transaction, errors, headers."""
