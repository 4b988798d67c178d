"""Catalogues: English in the code, German here; `python -m assembly.translations` brings them up to date."""
