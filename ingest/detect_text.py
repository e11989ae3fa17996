"""Tells the kinds of text files apart, by what stands at their beginning; the name decides where that says nothing."""

import re

from ingest.readers.subtitles import TIME

# Atomic, so that a comment ends at its first end: else many of them could be parted in ever more ways.
_HTML = re.compile(
    r"\s*(?>(?:<\?xml[^>]*>|<!--.*?-->)\s*)*(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<table[\s>])",
    re.I | re.S,
)
_HTML_ANYWHERE = re.compile(r"<(p|div|h[1-6]|table|ul|body|article)[\s>]", re.I)
_XML = re.compile(r"\s*(?:<\?xml[\s?]|<!DOCTYPE\s|<([A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*(?:\s[^<>]*)?>)")
# What the beginning of an XML file says that it is -> the module of ``ingest.readers``.
_XML_KINDS = (
    ("urn:schemas-microsoft-com:office:spreadsheet", "spreadsheet_xml"),
    ("urn:oasis:names:tc:opendocument:xmlns:office", "odf"),
    ("http://www.w3.org/1999/xhtml", "html"),
)
_JSON = re.compile(r'\s*(?:\{\s*(?:"|\})|\[\s*(?:[\[{"\d\]-]|true|false|null))')
_NOTEBOOK = re.compile(r'"(?:nbformat|cell_type)"\s*:')
_MAIL_HEADER = re.compile(r"^([A-Za-z][A-Za-z0-9-]*):[ \t\r\n]")
_MAIL_HEADERS = frozenset(
    {
        *("from", "to", "cc", "bcc", "subject", "date", "received", "message-id", "mime-version", "return-path"),
        *("sender", "content-type", "content-transfer-encoding", "delivered-to", "reply-to", "in-reply-to", "x-mailer"),
    }
)
_MAILBOX = re.compile(r"From \S+.*\d{4}")
_BY_EXTENSION = {
    **dict.fromkeys((".md", ".markdown"), "markdown"),
    **dict.fromkeys((".csv", ".tsv", ".tab"), "table"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".geojson"), "json_data"),
    **dict.fromkeys((".xml", ".rss", ".atom", ".kml", ".gpx"), "xml_data"),
}
_HTML_EXTENSIONS = (".html", ".htm", ".xhtml")
_OFFICE_EXTENSIONS = (".xls", ".doc", ".ppt", ".xlsx", ".docx")
"""Programs export web pages and tables under these names."""
CODE_EXTENSIONS = frozenset(
    {
        *(
            ".py",
            ".pyi",
            ".js",
            ".mjs",
            ".jsx",
            ".ts",
            ".tsx",
            ".go",
            ".c",
            ".h",
            ".cc",
            ".cpp",
            ".hpp",
            ".java",
            ".kt",
        ),
        *(".rs", ".rb", ".php", ".cs", ".swift", ".scala", ".sh", ".bash", ".sql", ".r", ".lua", ".pl", ".css"),
    }
)


def text_kind(head: str, extension: str) -> str:
    """The module of ``ingest.readers`` for a text that begins with ``head``, by its content, else its extension."""
    if head.lstrip("\ufeff \t\r\n").startswith("<?xml") and (kind := _xml_kind(head)) not in ("", "html"):
        return kind
    if _HTML.match(head) or (extension in (*_HTML_EXTENSIONS, *_OFFICE_EXTENSIONS) and _HTML_ANYWHERE.search(head)):
        return "html"
    if extension in CODE_EXTENSIONS:
        return "source_code"
    if extension in (".md", ".markdown"):
        return "markdown"
    if _MAILBOX.match(head) and _mail_headers(head):
        return "mbox"
    if _mail_headers(head) >= (1 if extension == ".eml" else 3):
        return "eml"
    if kind := _marked_kind(head, extension):
        return kind
    if extension in _OFFICE_EXTENSIONS and _is_tabbed(head):
        return "table"
    return _BY_EXTENSION.get(extension, "text")


def _marked_kind(head: str, extension: str) -> str:
    """The kind of a text that its first words tell; "" for none."""
    start = head.lstrip("\ufeff \t\r\n")
    if start[:15].upper().startswith(("BEGIN:VCALENDAR", "BEGIN:VCARD")):
        return "calendar_cards"
    if start.startswith("WEBVTT") or (extension in (".srt", ".vtt", ".txt") and TIME.search(head[:2000])):
        return "subtitles"
    if _JSON.match(head) and extension not in _BY_EXTENSION:
        return "notebook" if _NOTEBOOK.search(head) and extension != ".json" else "json_data"
    if _XML.match(head) and (extension in ("", ".xml") or start.startswith("<?xml") or extension in _OFFICE_EXTENSIONS):
        return _xml_kind(head) or "xml_data"
    return ""


def _xml_kind(head: str) -> str:
    return next((kind for sign, kind in _XML_KINDS if sign in head), "")


def _is_tabbed(head: str) -> bool:
    """Whether most lines hold tabs."""
    lines = [line for line in head.splitlines() if line.strip()]
    return sum("\t" in line for line in lines) > 0.5 * len(lines)


def _mail_headers(head: str) -> int:
    """How many mail headers the block before the first blank line has; 0 if it is not a header block."""
    names: set[str] = set()
    for line in head.removeprefix("From ").splitlines(keepends=True):
        if not line.strip():
            break
        if line[0] in " \t":  # a folded header goes on
            continue
        match = _MAIL_HEADER.match(line)
        if not match and names:
            return 0
        if match:
            names.add(match[1].lower())
    return len(names & _MAIL_HEADERS)
