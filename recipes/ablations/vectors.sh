#!/bin/sh
# The vectors of embeddings.toml, from each language's side of the embedded corpus: sh recipes/ablations/vectors.sh
set -eu
folder=${1:-runs/vectors}
nmt data make grammar -o "$folder/grammar"
for language in de en; do
    python "$(dirname "$0")/vectors.py" "$folder/grammar/train.$language" -o "$folder/$language.vec" \
        --dim 128 --window 2 --min-count 1
done
