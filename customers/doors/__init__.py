"""What every door of the house shares: who may enter, masked tables, pages by key, files for people."""
