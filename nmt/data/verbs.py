"""The verbs of the embedded corpus with their frames, a table as in `nmt.data.lexicon`.

An entry is "zu|hören = listen : person dat/to:person": a separable prefix, the forms that follow no rule (er-present,
er-preterite, participle; an asterisk for "sein"), the same in English with "+" before a particle, and after the colon
the kinds of subjects, then what the verb asks for. A slot is preposition+case/English preposition:kinds. The marks:
`@` where it may happen, `~` how, `=` a posture, `>` a direction, `!` a state or a point in time and so without the
progressive, `?` something one may not want to do because of the object ("too expensive").
"""

VERBS = """
schlafen schläft schlief geschlafen = sleep slept slept : person|pet @living|nature ~rest
lachen = laugh : person ~voice; schlafen schläft schlief geschlafen = sleep slept slept : wild|farm|snake @nature
weinen = cry cried cried : person ~voice; arbeiten = work : person @room|hall|outdoor|court|counter ~work
singen singt sang gesungen = sing sang sung : person @visit|nature ~voice
tanzen = dance : person @dining|nature|living
spielen = play : young|pet @living|nature; lächeln = smile : person
schwimmen schwimmt schwamm *geschwommen = swim swam swum : person|swimmer @water ~motion; husten = cough : person ~voice
frühstücken = have+breakfast had had : person @kitchen|dining
warten = wait : person auf+acc/for:transport|person @station|queue|court|counter ~wait
wandern wandert wanderte *gewandert = hike : person @hills
laufen läuft lief *gelaufen = run ran run : person|animal|ostrich @nature ~motion
bellen bellt bellte gebellt = bark : dog ~voice
miauen miaut miaute miaut = meow : cat; auf|stehen steht stand *gestanden = get+up got got : person ~hour
ein|schlafen schläft schlief *geschlafen = fall+asleep fell fallen : person|pet
auf|wachen wacht wachte *gewacht = wake+up woke woken : person|pet ~hour
an|kommen kommt kam *gekommen = arrive : transport|person ~hour @station
ab|fahren fährt fuhr *gefahren = depart : transport|ship ~hour
zurück|kommen kommt kam *gekommen = come+back came come : person ~hour
weg|laufen läuft lief *gelaufen = run+away ran run : animal|ostrich
springen springt sprang *gesprungen = jump : pet auf+acc/onto:seat|surface
klettern klettert kletterte *geklettert = climb : young|cat auf+acc/up:tree|building
zurück|gehen geht ging *gegangen = go+back went gone : person >
sitzen sitzt saß gesessen = sit sat sat : person|pet =sit; liegen liegt lag gelegen = lie lay lain : flat =rest
liegen liegt lag gelegen = lie lay lain : pet =lie
stehen steht stand gestanden = stand stood stood ! : upright =upright
stehen steht stand gestanden = stand stood stood : farm|person =stand
stehen steht stand gestanden = stand stood stood : person in+dat/in:queue
gehen geht ging *gegangen = go went gone : person >; fahren fährt fuhr *gefahren = drive drove driven : person >
fliegen fliegt flog *geflogen = fly flew flown : bird|wader|flyer über+acc/over:landmark|nature|water
lesen liest las gelesen = read read read : person acc:text|tale ~work @living|nature|dining ?
kaufen = buy bought bought : person acc:thing|vehicle|food @shop ?
schreiben schreibt schrieb geschrieben = write wrote written : person acc:written ~work @living|dining
verkaufen = sell sold sold : person acc:own; suchen = look : person acc/for:own|pet|person
finden findet fand gefunden = find found found ! : person acc:own|pet; holen = fetch : person acc:thing|drink
verlieren verliert verlor verloren = lose lost lost ! : person acc:thing
vergessen vergisst vergaß vergessen = forget forgot forgotten ! : person acc:thing
tragen trägt trug getragen = wear wore worn : person acc:clothes ?
waschen wäscht wusch gewaschen = wash : person acc:clothes|vehicle|fruit
reparieren = repair : person acc:vehicle|device|furniture|machine|gear|lock ~work
putzen = clean : person acc:opening|vehicle|furniture|ceiling ~work
füttern = feed fed fed : person acc:pet|farm|bird|beast|ostrich
streicheln = stroke : person acc:pet|farm; jagen = chase : dog|cat acc:prey @nature
fangen fängt fing gefangen = catch caught caught ! : cat|person acc:prey|beast
sehen sieht sah gesehen = see saw seen ! : person|pet acc:animal|person @outdoor
hören = hear heard heard ! : person|pet acc:dog|cat|bird|person
kennen kennt kannte gekannt = know knew known ! : person acc:person|visit
lieben = love ! : person acc:person|pet|tale|flower
mögen mag mochte gemocht = like ! : person acc:food|animal|person|event
brauchen = need ! : person acc:own|clothes|device; besuchen = visit : person acc:person|visit
treffen trifft traf getroffen = meet met met : person acc:person @outdoor|hall; fragen = ask : person acc:person
grüßen = greet : person acc:person ~kind; an|rufen ruft rief gerufen = call : person acc:person
ein|laden lädt lud geladen = invite : person acc:person; ab|holen = pick+up : person acc:person @station
umarmen umarmt umarmte umarmt = hug hugged hugged : person acc:person
helfen hilft half geholfen = help : person dat:person; danken = thank : person dat:person
folgen folgt folgte *gefolgt = follow : person|dog dat:person|animal; zu|hören = listen : person dat/to:person
vertrauen = trust ! : person dat:person; gehören gehört gehörte gehört = belong ! : own dat/to:person
geben gibt gab gegeben = give gave given : person dat:person acc:thing|food
zeigen = show showed shown : person dat:person acc:thing|vehicle
schicken = send sent sent : person dat:person acc:text|clothes|flower
leihen leiht lieh geliehen = lend lent lent : person dat:person acc:own|gear
bringen bringt brachte gebracht = bring brought brought : person dat:person acc:drink|thing|food
schulden = owe ! : person dat:person acc:drink; erklären = explain : person dat/to:person acc:lesson ~work
erzählen = tell told told : person dat:person acc:tale
empfehlen empfiehlt empfahl empfohlen = recommend : person dat/to:person acc:reading|dish
vor|lesen liest las gelesen = read read read : person dat/to:person acc:text|tale
schenken = give gave given : person dat:young|kin acc:flower|bouquet
essen isst aß gegessen = eat ate eaten : person acc:food|meal|soup @kitchen|dining|nature ~motion ?
fressen frisst fraß gefressen = eat ate eaten : farm acc:fodder|fruit
trinken trinkt trank getrunken = drink drank drunk : person acc:drink @kitchen|dining ?
kochen = cook : person acc:cooked|meal|soup @kitchen; backen backt backte gebacken = bake : person acc:baked
schneiden schneidet schnitt geschnitten = cut cut cut : person acc:fruit|cooked ~care
bestellen = order : person acc:dish|drink|meal @dining; bezahlen = pay paid paid : person acc/for:dish|drink|clothes
pflücken = pick : person acc:flower|fruit @nature; auf|machen = open : person acc:opening ~care
zu|machen = close : person acc:opening ~care; ein|schalten = turn+on : person acc:device
aus|schalten = turn+off : person acc:device|machine; an|ziehen zieht zog gezogen = put+on put put : person acc:worn
aus|ziehen zieht zog gezogen = take+off took taken : person acc:worn
auf|setzen = put+on put put : person acc:headgear; ab|setzen = take+off took taken : person acc:headgear
auf|räumen = tidy+up tidied tidied : person acc:room ~work
weg|werfen wirft warf geworfen = throw+away threw thrown : person acc:text|upright|fruit
ein|packen = pack : person acc:thing|gear
vor|bereiten bereitet bereitete bereitet = prepare : person acc:event|meal|soup ~work
bauen = build built built : person acc:building; malen = paint : person acc:animal|flower|landmark|person ~work
zeichnen = draw drew drawn : person acc:animal|plant|building|shore|nose|stem|figures
fotografieren = photograph : person acc:animal|person|building|flower|visit|shore|nose
pflanzen = plant : person acc:plant @nature; gießen gießt goss gegossen = water : person acc:flower
bewundern = admire : person acc:building|flower|visit|clothes|ceiling|shore
benutzen = use : person acc:device|upright|vehicle|machine
spielen = play : person role:instrument @living|visit|dining; ziehen zieht zog gezogen = pull : farm acc:cart
schieben schiebt schob geschoben = push : person acc:pushed
beobachten = watch : person|cat acc:bird|animal @nature|outdoor
verstehen versteht verstand verstanden = understand understood understood ! : person acc:lesson|figures ?
wiederholen = repeat : person acc:wording; übersetzen = translate : person acc:translated ~work
korrigieren = correct : person acc:translated|figures ~work; lösen = solve : person acc:problem ?
legen = put put put : person acc:flat auf+acc/on:surface|soft ~care
stellen = put put put : person acc:upright auf+acc/on:surface ~care
sprechen spricht sprach gesprochen = talk : person mit+dat/to:person über+acc/about:event|text|animal
denken denkt dachte gedacht = think thought thought : person an+acc/about:person|event
träumen = dream : person|pet von+dat/about:event|animal|food
überqueren = cross : person|animal acc:way
tragen trägt trug getragen = carry carried carried : person acc:load
vermissen = miss ! : person acc:pet; verpassen = miss ! : person acc:transport|ship
retten = save : person acc:person|animal|beast; speichern = save : person acc:written auf+dat/on:disk
drücken = press : person acc:button; brechen bricht brach gebrochen = break broke broken : person acc:wax
zu|drehen = turn+off : person acc:tap; auf|drehen = turn+on : person acc:tap
gewinnen gewinnt gewann gewonnen = win won won : person acc:contest; an|zünden = light lit lit : person acc:stick
ab|heben hebt hob gehoben = withdraw withdrew withdrawn : person acc:cash @counter
wechseln = change : person acc:bulb
spielen = play : young|pet mit+dat/with:toy|pet @living|nature; lachen = laugh : person über+acc/at:tale|pet
"""

WEATHER = """
regnen = rain : weather; schneien = snow : weather
"""

STARTS = """
versuchen = try : person; vergessen vergisst vergaß vergessen = forget forgot forgotten ! : person
planen = plan planned planned ! : person
versprechen verspricht versprach versprochen = promise ! : person; hoffen = hope ! : person
"""

SPEECH = """
sagen = say said said : person; glauben = believe ! : person; hoffen = hope ! : person
wissen weiß wusste gewusst = know knew known ! : person; erzählen = tell told told : person dat:person
erklären = explain : person; vergessen vergisst vergaß vergessen = forget forgot forgotten ! : person
"""
