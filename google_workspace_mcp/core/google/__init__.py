"""The one way to Google: requests built from its discovery documents, sent by one shared client, failures typed."""
