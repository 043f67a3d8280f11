"""A long run: thousands of strikes through the whole service, and what memory that takes."""
