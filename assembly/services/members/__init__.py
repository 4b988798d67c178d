"""What members do for themselves: reach their page, confirm who they are, see what is theirs."""
