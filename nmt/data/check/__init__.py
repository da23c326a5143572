"""What is wrong with parallel text, by file and line: `nmt data check`.

`kinds` has a row for each kind of finding. `marks` and `pairs` look at a line and at a pair, `judging` at all lines
together; `survey` reads a text as often as that needs, `report` shows what was found, `clean` writes the text without
it. `door` is the little of it that every training can afford.
"""
