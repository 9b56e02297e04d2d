"""Whether a browser shows what stands in an element, as far as the element's own style says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_STYLE = 2_000  # characters that are looked at
_NUMBER = r"(?<![\w.])(\d{1,9}\.?\d{0,9}|\.\d{1,9})"
_SIZE = re.compile(rf"{_NUMBER}(px|pt|pc|in|cm|mm|q|rem|vw|vh|em|ex|ch|%)?(?![\w.])")
_AS_AROUND_IT = ("em", "ex", "ch", "%")  # of what is around it: of nothing, nothing
_KEEP_BREAKS = ("pre", "pre-wrap", "pre-line", "break-spaces", "preserve", "preserve-breaks")


@dataclass(frozen=True, slots=True)
class Looks:
    """What an element hands on to those within it.

    gone: nothing of it is there, whatever they say. unseen, tiny: only its place is, until one within it is seen or has a size.
    """

    gone: bool = False
    unseen: bool = False
    tiny: bool = False
    keeps_breaks: bool = False

    @property
    def shown(self) -> bool:
        return not (self.gone or self.unseen or self.tiny)

    def within(self, tag: str, attributes: Mapping[str, str | None]) -> "Looks":
        """Those of an element with this tag and these attributes ("style", "hidden", "size") in one that looks so."""
        style = _declared((attributes.get("style") or "")[:LONGEST_STYLE].lower())
        if not (style or "hidden" in attributes or tag in {"pre", "button", "font"}):
            return self
        visible = style.get("visibility", "")
        return Looks(
            gone=self.gone
            or "hidden" in attributes
            or style.get("display") == "none"
            or style.get("mso-hide") == "all",  # Outlook shows it to nobody
            unseen=visible in {"hidden", "collapse"} or (self.unseen and visible not in {"visible", "initial"}),
            tiny=self._is_tiny(tag, attributes, style),
            keeps_breaks=self._keeps_breaks(tag, style),
        )

    def _is_tiny(self, tag: str, attributes: Mapping[str, str | None], style: Mapping[str, str]) -> bool:
        if said := style.get("font-size") or style.get("font"):
            if size := _SIZE.search(said):
                return float(size[1]) == 0 or (self.tiny and size[2] in _AS_AROUND_IT)
            return self.tiny and said in {"inherit", "unset", "smaller", "larger"}
        return self.tiny and not (tag == "button" or (tag == "font" and "size" in attributes))

    def _keeps_breaks(self, tag: str, style: Mapping[str, str]) -> bool:
        said = (style.get("white-space") or style.get("white-space-collapse") or "").split(" ")[0]
        if said and said not in {"inherit", "unset"}:
            return said in _KEEP_BREAKS
        return self.keeps_breaks or tag == "pre"


def _declared(style: str) -> dict[str, str]:
    """What a style sets, and to what; of two that set the same, the last one counts."""
    pairs = (one.partition(":") for one in style.split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value}
