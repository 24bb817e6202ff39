"""The HTTP door: routes, sign-in, live streams and pages."""
