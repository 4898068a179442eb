"""Messages to people: written with the case, sent later by the worker."""
