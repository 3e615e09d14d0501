"""The catalogue as staff keep it: six sections that are listed, added to, changed and cleared out alike."""
