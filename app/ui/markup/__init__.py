"""What the page shows, as HTML. Every word of a model, a document or a person goes through ``html.escape``.

No link, no image and no script can come out of it, so that nothing on the page can call out or be clicked by mistake.
"""
