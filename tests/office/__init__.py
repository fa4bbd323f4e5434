"""Word files and PDFs made from a few kinds of blocks, the same bytes every time: for samples and for tests."""
