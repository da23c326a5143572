#!/bin/sh
# Fetches Multi30k (Elliott et al. 2016, CC BY-NC-SA 4.0), English and German, into data/multi30k; about 2 MB.
set -eu
cd "$(dirname "$0")"
mkdir -p multi30k
for part in train val test_2016_flickr test_2017_flickr test_2017_mscoco; do
    for language in en de; do
        curl -fsSL -o "multi30k/$part.$language.gz" \
            "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/$part.$language.gz"
    done
done
