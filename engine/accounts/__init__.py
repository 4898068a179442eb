"""How people get in: log-ins, passwords, second factors, tokens, and what slows guesses down."""
