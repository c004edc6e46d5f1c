"""The weekly supervision bulletin (督查通报): figures, words, pages."""
