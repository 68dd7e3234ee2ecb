"""Documents of any usual kind as text for a model, read in processes that can do nothing else.

`Documents.read` in `service.py` is the way in; what it returns is in `model.py`. Nothing that parses a format is
imported by the service's own process.
"""
