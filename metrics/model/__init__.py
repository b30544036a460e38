"""The value objects that everything passes around; no rule, no store, no front end lives here."""
