"""The monthly issue: the supply catalogue of one month, frozen, numbered and provable."""
