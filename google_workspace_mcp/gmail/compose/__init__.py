"""Writing mail: addresses, header fields, text and HTML, parts, quotes. Nothing here speaks to Google."""
