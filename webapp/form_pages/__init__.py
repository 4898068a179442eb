"""Forms as pages ask them: what was posted, and what their choices are filled from."""
