#!/bin/sh
# Cuts the training text of recipes/europarl-alignment.toml out of data/europarl/train.en.gz and train.fr.gz:
# the first 50,000 pairs of at most 30 words on either side, as train-30.en and train-30.fr.
set -eu
cd "$(dirname "$0")/europarl"
for language in en fr; do
    gunzip -c "train.$language.gz" > "whole.$language"
done
paste whole.en whole.fr | awk -F '\t' '
    NF == 2 { en = split($1, words, " "); fr = split($2, words, " ") }
    NF == 2 && en > 0 && fr > 0 && en <= 30 && fr <= 30 { print; if (++pairs == 50000) exit }' > pairs.tsv
cut -f 1 pairs.tsv > train-30.en
cut -f 2 pairs.tsv > train-30.fr
rm whole.en whole.fr pairs.tsv
