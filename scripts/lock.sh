#!/usr/bin/env bash
# Compiles requirements/*.in to hashed locks: the checkout's own first, every zone then within its pins.
# Nothing of this machine's pip configuration enters, so the same index gives the same bytes anywhere.
set -euo pipefail
cd "$(dirname "$0")/../requirements"
uv="${UV:-$(command -v uv || true)}"
if [ -z "$uv" ]; then
  echo "Compiling locks needs uv: install it (https://docs.astral.sh/uv/) or name it with UV=/path/to/uv." >&2
  exit 2
fi
export PIP_CONFIG_FILE=/dev/null
unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL PIP_INDEX_URL UV_FIND_LINKS UV_EXTRA_INDEX_URL UV_INDEX_URL || true
flags=(--quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate
       --python-version 3.11 --python-platform x86_64-manylinux_2_28 --allow-unsafe)
[ "${1:-}" = "--upgrade" ] && flags+=(--upgrade)
"$uv" pip compile "${flags[@]}" dev.in -o dev.txt
pins="$(mktemp)"
trap 'rm -f "$pins"' EXIT
grep -E '^[A-Za-z0-9]' dev.txt | sed -E 's/ *\\$//' > "$pins"
for zone in sandbox control edge engine research vault checking; do
  "$uv" pip compile "${flags[@]}" "$zone.in" -c "$pins" -o "$zone.txt"
done
