"""The demo: this service on a simulated Google, shown by a real client that signs in through the whole OAuth flow."""
