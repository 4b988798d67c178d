"""Commit, draw, verify: the lottery that anyone can check.

`commit` publishes a document whose SHA-256 is the commitment, `draw` turns one public number into a panel, and
`verify` says line by line what the documents prove. The design chapter "The lottery that anyone can check" binds.
"""
