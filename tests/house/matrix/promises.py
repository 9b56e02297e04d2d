URLS = dict.fromkeys(["promises:statement", "promises:summary", "promises:measure", "promises:one"], "privacy.view_promises")
