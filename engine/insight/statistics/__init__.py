"""Statistical returns: filled from cases, corrected, signed, sent upward, restated."""
