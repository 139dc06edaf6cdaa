"""Programs for the checkout: demonstration, checks, measurements."""
