"""Everything that ``make demo`` and ``make test`` need first: programs, engine, virtual environment, images.

Each step looks at what stands and does only what is missing, so a killed run is continued by running it again.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.clone import CACHE, data_dir
from scripts.console import SetupError, fail
from scripts.machine import check_disk, check_python, install_packages


def set_up(images: bool = True) -> dict[str, str]:
    """Leaves with all that is needed; returns image name → tag (empty without images)."""
    check_python()
    install_packages()
    from scripts.venv import download, ensure_venv

    if not images:
        download()
        ensure_venv()
        return {}
    from scripts.engine import ensure_engine
    from scripts.images import ensure_bases, ensure_images, images_missing

    ensure_engine()
    # Two processors: the bases beside the downloads, then the virtual environment beside the images.
    with ThreadPoolExecutor(1) as pool:
        base = pool.submit(ensure_bases)
        if not CACHE.exists():
            _check_room()
        download()
        base.result()
        if images_missing():
            _check_room()
        environment = pool.submit(ensure_venv)
        tags = ensure_images()
        environment.result()
    return tags


def _check_room() -> None:
    check_disk([CACHE, data_dir(), Path("/var/lib/docker")])


def main() -> int:
    """``python3 -m scripts.setup [--no-images]``."""
    try:
        set_up(images="--no-images" not in sys.argv[1:])
    except SetupError as error:
        return fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
