"""A stratified lottery that is provably as fair as the quotas allow, and that anyone can check."""
