URLS = {
    "statement:current": "public",
    "statement:one": "public",
    "statement:changes": "public",
    "statement:post": "privacy.manage_settings",
}
