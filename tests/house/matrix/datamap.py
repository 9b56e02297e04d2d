URLS = {"datamap:overview": "signed in"}
