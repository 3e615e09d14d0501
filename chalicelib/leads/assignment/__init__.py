"""Who is given a new lead: nobody, each manager in turn, or who has the fewest open."""
