"""The papers that a diagram can name: their keys, in the order in which a case needs them."""

PAPERS = (
    "application",
    "register",
    "record",
    "agreement",
    "oral",
    "termination",
    "cover",
)
