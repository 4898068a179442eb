"""The kinds of notices there are, and their texts."""
