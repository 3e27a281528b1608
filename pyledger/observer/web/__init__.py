"""The window for observers: pages and a JSON API over what the store says. No key, no write, nothing fetched.

`views` says what is shown; the API gives it as JSON, the pages as HTML.
"""
