#!/bin/sh
# `make demo`: the ladder on the embedded corpus, its report, and translations to look at.
# About ten minutes on two cores. Run again, it goes on where it was stopped; with nothing left to train it compares and shows.
set -eu
cd "$(dirname "$0")/.."
out=${1:-runs/demo}

echo "== 1 of 2: German to English, word by word, rnn, attention, transformer: about 7 minutes on two cores =="
nmt reproduce recipes/grammar.toml -o "$out/de-en"

echo
echo "== 2 of 2: English to German, shorter trainings, about 2 minutes: agreement, case and pronouns, which English hides =="
nmt reproduce recipes/grammar-en-de.toml --only rnn,attention --set training.steps=600 -o "$out/en-de"

echo
echo "== One sentence =="
sentence="Kannst du mir helfen, diesen Satz zu übersetzen?"
printf '%-12s %s\n' "" "$sentence"
for system in lexical rnn attention transformer; do
    printf '%-12s %s\n' "$system" "$(echo "$sentence" | nmt translate -m "$out/de-en/$system")"
done
echo
echo "Figures and all numbers:  $out/de-en/report.html  $out/en-de/report.html"
echo "Your own sentence:        echo 'Der Hund schläft.' | .venv/bin/nmt translate -m $out/de-en/transformer"
