"""Pure rules of a key result: progress, what was expected, what is needed, its budget, its status."""
