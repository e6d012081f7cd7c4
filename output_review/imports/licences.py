"""What is said of a licence: an SPDX expression, or terms in words. What is missing or unknown is asked, not refused.

Identifiers are those of the SPDX licence list, as far as code and public data usually carry them; an identifier that
is not here is no fault, only a question to whoever decides.
"""

from __future__ import annotations

import re

KNOWN = frozenset([
    "0BSD", "AFL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause",
    "BSD-3-Clause", "BSL-1.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0", "CC-PDDC", "CC0-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "ECL-2.0", "EPL-2.0",
    "EUPL-1.2", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "ISC", "LGPL-2.1-only",
    "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0", "MPL-2.0", "MulanPSL-2.0", "NIST-PD",
    "ODbL-1.0", "ODC-By-1.0", "OGL-UK-3.0", "PDDL-1.0", "PSF-2.0", "PostgreSQL", "Python-2.0", "UPL-1.0",
    "Unlicense", "Zlib",
])  # fmt: skip
_NOTHING = frozenset({"", "unknown", "none", "noassertion", "n/a", "na", "?", "-", "tbd"})
OWN = "own work"
"""What members say of files that they wrote themselves."""
_PARTS = re.compile(r"[()\s]+")
_WORDS = frozenset({"AND", "OR"})


def question(licence: str) -> str:
    """What has to be asked about a licence; empty where an SPDX expression answers it."""
    text = licence.strip()
    if text.lower() in _NOTHING:
        return (
            "No licence is named. Say which terms let the project use the files: an SPDX identifier such as MIT or "
            "CC-BY-4.0, “own work”, or the terms in a sentence."
        )
    if text.lower() == OWN or _is_known(text):
        return ""
    return "The licence is not an SPDX identifier that is known here. Whoever decides reads the terms at the source."


def _is_known(text: str) -> bool:
    """Whether every part of an SPDX expression is on the list; an exception (`WITH …`) is read with its licence."""
    parts = [part for part in _PARTS.split(re.sub(r"\bWITH\s+\S+", "", text)) if part and part not in _WORDS]
    return bool(parts) and all(part in KNOWN for part in parts)
