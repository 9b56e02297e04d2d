URLS: dict[str, str] = {}  # the tables of customers are the admin's own addresses
