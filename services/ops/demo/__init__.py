"""A lifelike initiative to look at: thirty partners, three years of referrals, seeded."""
