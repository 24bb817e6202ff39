"""The referral processor."""
