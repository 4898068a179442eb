"""Opening, completing and moving cases; everything that writes to a case."""
