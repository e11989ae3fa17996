"""Conversations, answers and summaries as files: Markdown, HTML, Word or PDF, with their sources as footnotes."""
