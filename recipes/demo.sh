#!/bin/sh
# `make demo`: one small model of each kind on the embedded corpus, their scores, and translations to look at.
# Run again, it goes on where it was stopped; with nothing left to train it evaluates and shows.
set -eu
cd "$(dirname "$0")/.."
out=${1:-runs/demo}
mkdir -p "$out"

for arch in rnn attention transformer; do
    nmt train recipes/grammar.toml --arch "$arch" -o "$out/$arch" > "$out/last-run"
done
rm "$out/last-run"

# The first 600 test sentences; one in 16 is longer than any that was trained on.
head -n 600 data/grammar/test.de > "$out/test.de"
head -n 600 data/grammar/test.en > "$out/test.en"
for arch in rnn attention transformer; do
    echo
    echo "== $arch: 600 test sentences, and by length of the German one =="
    nmt eval -m "$out/$arch" --src "$out/test.de" --ref "$out/test.en" -o "$out/$arch.en" --by-length
done

echo
echo "== Translations =="
for line in 1 7 16; do
    echo
    for system in test.de test.en rnn.en attention.en transformer.en; do
        printf '%-16s %s\n' "$system" "$(sed -n "${line}p" "$out/$system")"
    done
done
echo
echo "Your own sentence:  echo 'Der Hund schläft.' | .venv/bin/nmt translate -m $out/transformer"
