"""Static files under names that carry their hash, so that they may be cached for ever."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

_SOURCE_MAP_LINE = re.compile(rb"(?m)^\s*(//|/\*)[#@]\s*sourceMappingURL=.*$")


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Vendored files name source maps that are not shipped: those lines are taken out before hashing."""

    def stored_name(self, name: str) -> str:
        """The name with its hash; the plain name until the files are collected, so that no page fails for a style sheet."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            for name in list(paths):
                if name.endswith((".js", ".css")):
                    self._strip_source_map(name)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _strip_source_map(self, name: str) -> None:
        with self.open(name) as stream:
            content = stream.read()
        if isinstance(content, str):
            content = content.encode()
        stripped = _SOURCE_MAP_LINE.sub(b"", content)
        if stripped != content:
            self.delete(name)
            self._save(name, ContentFile(stripped))
