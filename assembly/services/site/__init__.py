"""The pages of the site that the law wants: what each says, which are required where, and what is still to be done."""
