"""The scorecard: everything known about a cycle's key results as of a day, and its forms as JSON and CSV."""
