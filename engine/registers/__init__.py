"""Registers of people's mediation: committees (人民调解委员会) and mediators (人民调解员名册)."""
