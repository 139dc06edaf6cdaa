"""The catalogue in the forms that other programs subscribe to, index and describe."""
