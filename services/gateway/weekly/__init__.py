"""The page behind the link of a weekly mail: what a partner said of its room, confirmed by one button or corrected."""
