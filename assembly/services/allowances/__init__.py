"""Allowances: what members are paid for taking part, from the rates to the list for the cash office."""
