"""The papers that a diagram can name: their keys, in the order in which a case needs them."""

OF_MEDIATION = (
    "application",
    "register",
    "refusal",
    "rights",
    "mandate",
    "invitation",
    "investigation",
    "record",
    "agreement",
    "oral",
    "termination",
    "receipt",
    "visit",
    "certificate",
    "judicial",
    "warning",
    "note",
    "cover",
    "contents",
    "back",
)
OF_OFFICES = ("transfer", "reply", "urging", "supervision", "notice", "whistle")
PAPERS = (*OF_MEDIATION, *OF_OFFICES)
