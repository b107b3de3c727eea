"""Everything that reads: tokenizers in every published format, and text from every usual source."""
