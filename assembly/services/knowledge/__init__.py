"""What an assembly knows: inputs, materials, result sheets, answers, found together and by what they say."""
