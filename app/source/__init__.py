"""The place of a quote as its document shows it: the page as a picture with the quote boxed, or its text or table."""
