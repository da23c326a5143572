#!/bin/sh
# Every ablation, with SEEDS seeds (3 without it), into runs/ablations: `make ablations`, or this from the repository's root.
set -u
failed=""
runs=${RUNS:-runs/ablations}
sh recipes/ablations/vectors.sh
for recipe in recipes/ablations/*.toml; do
    name=$(basename "$recipe" .toml)
    if nmt reproduce "$recipe" -o "$runs/$name" --seeds "${SEEDS:-3}" > /dev/null; then
        echo "$runs/$name/report.html"
    else
        failed="$failed $name"
    fi
done
[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
