"""Result sheets: read, written in versions, merged where two write at once, checked for names, printed blank."""
