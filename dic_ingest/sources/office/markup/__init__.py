"""Text with markup: HTML, Markdown, EPUB, notebooks, reStructuredText, AsciiDoc."""
