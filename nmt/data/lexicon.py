"""The words of the embedded corpus and how they inflect; `nmt.data.grammar` has the rules that put them together.

The tables are the lexicon: a line that starts with `[kinds]` gives the kinds of the words after it, words are
separated by semicolons, and forms that follow no rule are written out. Every English word has one German word, so that
both directions have one answer.
"""

NOUNS = """
[person kin parent] die Mutter/Mütter mother; der Vater/Väter father; die Großmutter/Großmütter grandmother
der Großvater/Großväter grandfather
[person kin] die Schwester/Schwestern sister
der Bruder/Brüder brother; die Tochter/Töchter daughter; der Sohn/Söhne son; die Tante/Tanten aunt
der Onkel/Onkel uncle; der Freund/Freunde friend; der Nachbar*/Nachbarn neighbour
[person adult] der Lehrer/Lehrer teacher; die Ärztin/Ärztinnen doctor; die Köchin/Köchinnen chef
der Bäcker/Bäcker baker; die Sängerin/Sängerinnen singer; der Polizist*/Polizisten police officer
die Verkäuferin/Verkäuferinnen shop assistant; der Student*/Studenten student; die Schülerin/Schülerinnen pupil
der Bauer*/Bauern farmer; der Gärtner/Gärtner gardener; die Künstlerin/Künstlerinnen artist
die Anwältin/Anwältinnen lawyer; der Maler/Maler painter; der Gast/Gäste guest; die Frau/Frauen woman/women
der Mann/Männer man/men; die Touristin/Touristinnen tourist; der Kellner/Kellner waiter; die Richterin/Richterinnen judge
der Schauspieler/Schauspieler actor; die Pilotin/Pilotinnen pilot; der Fahrer/Fahrer driver
die Krankenschwester/Krankenschwestern nurse; der Kollege*/Kollegen colleague; die Chefin/Chefinnen boss/bosses
der Arbeiter/Arbeiter worker; die Journalistin/Journalistinnen journalist; der Musiker/Musiker musician
die Tänzerin/Tänzerinnen dancer; der Fotograf*/Fotografen photographer; die Forscherin/Forscherinnen researcher
der Postbote*/Postboten postman/postmen; die Bürgermeisterin/Bürgermeisterinnen mayor
der Ingenieur/Ingenieure engineer; der Soldat*/Soldaten soldier; der Kapitän/Kapitäne captain
die Tierärztin/Tierärztinnen vet; der Schneider/Schneider tailor
[person young] das Kind/Kinder child/children; das Mädchen/Mädchen girl; der Junge*/Jungen boy
[animal pet dog] der Hund/Hunde dog
[animal pet cat] die Katze/Katzen cat; der Kater/Kater tomcat
[animal pet] das Kaninchen/Kaninchen rabbit; das Meerschweinchen/Meerschweinchen guinea pig
das Pony/Ponys pony/ponies
[animal farm] das Pferd/Pferde horse; die Kuh/Kühe cow; das Schaf/Schafe sheep/sheep; der Esel/Esel donkey
die Ziege/Ziegen goat; das Schwein/Schweine pig
[animal prey wild] die Maus/Mäuse mouse/mice; das Eichhörnchen/Eichhörnchen squirrel; der Igel/Igel hedgehog
der Hase*/Hasen hare; der Frosch/Frösche frog
[animal wild] der Affe*/Affen monkey; der Bär*/Bären bear; der Elefant*/Elefanten elephant; der Wolf/Wölfe wolf/wolves
der Fuchs/Füchse fox; das Kamel/Kamele camel; der Löwe*/Löwen lion; die Giraffe/Giraffen giraffe
das Reh/Rehe deer/deer
[animal bird prey] die Ente/Enten duck; der Vogel/Vögel bird; die Gans/Gänse goose/geese; das Huhn/Hühner hen
die Taube/Tauben pigeon; der Schwan/Schwäne swan
[food fruit] der Apfel/Äpfel apple; die Banane/Bananen banana; die Birne/Birnen pear; die Orange/Orangen orange
der Pfirsich/Pfirsiche peach; die Kirsche/Kirschen cherry/cherries; die Erdbeere/Erdbeeren strawberry/strawberries
die Tomate/Tomaten tomato/tomatoes; die Pflaume/Pflaumen plum
[food dish cooked] die Kartoffel/Kartoffeln potato/potatoes; das Ei/Eier egg; die Suppe/Suppen soup
das Würstchen/Würstchen sausage; die Bohne/Bohnen bean; der Pilz/Pilze mushroom
[food dish baked] der Kuchen/Kuchen cake; die Pizza/Pizzen pizza; der Keks/Kekse biscuit
das Brötchen/Brötchen bread roll; der Pfannkuchen/Pfannkuchen pancake; die Torte/Torten tart
[food dish snack] der Salat/Salate salad; das Sandwich/Sandwiches sandwich
[food grocery] das Brot/0 bread; der Käse/0 cheese; der Reis/0 rice; das Fleisch/0 meat; der Honig/0 honey
die Schokolade/0 chocolate; das Eis/0 ice cream
[drink] der Kaffee/0 coffee; der Tee/0 tea; die Milch/0 milk; das Wasser/0 water; der Saft/0 juice; das Bier/0 beer
der Wein/0 wine; die Limonade/0 lemonade; der Kakao/0 cocoa
[fodder] das Heu/0 hay; das Gras/0 grass; der Mais/0 maize
[resource] die Zeit/0 time; das Geld/0 money; die Geduld/0 patience; das Glück/0 luck
[text flat thing own translated written reading] das Buch/Bücher book; der Roman/Romane novel; das Gedicht/Gedichte poem
[text flat thing own translated written] der Brief/Briefe letter
[text flat thing reading] die Zeitung/Zeitungen newspaper; die Zeitschrift/Zeitschriften magazine
[text flat thing written] der Bericht/Berichte report
[tale translated written] die Geschichte/Geschichten story/stories; das Märchen/Märchen fairy tale
[lesson translated wording] der Satz/Sätze sentence; das Wort/Wörter word; die Frage/Fragen question; der Text/Texte text
[lesson] die Aufgabe/Aufgaben exercise; die Regel/Regeln rule
[lesson problem] das Problem/Probleme problem; das Rätsel/Rätsel riddle
[flat thing own] der Schlüssel/Schlüssel key; das Handy/Handys mobile phone; der Löffel/Löffel spoon
die Gabel/Gabeln fork; das Messer/Messer knife/knives; der Stift/Stifte pen; das Bild/Bilder picture
die Münze/Münzen coin; der Ring/Ringe ring; der Hammer/Hämmer hammer; die Karte/Karten map; das Heft/Hefte notebook
der Regenschirm/Regenschirme umbrella
[upright thing own] die Flasche/Flaschen bottle; die Vase/Vasen vase; die Tasse/Tassen cup
das Glas/Gläser glass/glasses; der Teller/Teller plate; der Topf/Töpfe pot; der Eimer/Eimer bucket
die Schüssel/Schüsseln bowl; die Uhr/Uhren clock; der Koffer/Koffer suitcase; der Korb/Körbe basket
der Rucksack/Rucksäcke backpack; die Tasche/Taschen bag
[thing own toy] der Ball/Bälle ball; die Puppe/Puppen doll
[thing own] das Geschenk/Geschenke present; die Kamera/Kameras camera
[clothes own thing] der Mantel/Mäntel coat; die Jacke/Jacken jacket
das Hemd/Hemden shirt; das T-Shirt/T-Shirts T-shirt; der Pullover/Pullover jumper
der Anzug/Anzüge suit
[own thing] das Kleid/Kleider dress; die Bluse/Blusen blouse; der Rock/Röcke skirt
[clothes hat own thing] der Hut/Hüte hat; die Mütze/Mützen cap; der Schal/Schals scarf/scarves
[device own] der Fernseher/Fernseher television; das Radio/Radios radio; der Computer/Computer computer
der Ofen/Öfen oven; die Waschmaschine/Waschmaschinen washing machine; die Heizung/Heizungen heater
[device own upright] die Lampe/Lampen lamp
[opening] die Tür/Türen door; das Fenster/Fenster window; der Schrank/Schränke wardrobe
die Schublade/Schubladen drawer
[instrument] das Klavier/Klaviere piano; die Geige/Geigen violin; die Gitarre/Gitarren guitar; die Flöte/Flöten flute
die Trompete/Trompeten trumpet; die Trommel/Trommeln drum
[transport vehicle] der Bus/Busse bus/buses; der Zug/Züge train; das Schiff/Schiffe ship
die Straßenbahn/Straßenbahnen tram
[vehicle own landmark] das Auto/Autos car; das Motorrad/Motorräder motorcycle; der Lastwagen/Lastwagen lorry/lorries
[vehicle own] das Fahrrad/Fahrräder bicycle; das Boot/Boote boat
[seat surface furniture] das Sofa/Sofas sofa; das Bett/Betten bed; die Bank/Bänke bench/benches
der Sessel/Sessel armchair; der Stuhl/Stühle chair; der Hocker/Hocker stool
[seat soft] die Matte/Matten mat; der Teppich/Teppiche carpet; die Decke/Decken blanket; das Kissen/Kissen cushion
[surface furniture] der Tisch/Tische table; das Regal/Regale shelf/shelves; der Schreibtisch/Schreibtische desk
die Kommode/Kommoden chest of drawers/chests of drawers
[landmark plant tree] der Baum/Bäume tree
[landmark plant] der Busch/Büsche bush/bushes
[landmark building] das Haus/Häuser house; die Hütte/Hütten hut; der Turm/Türme tower; die Mauer/Mauern wall
[landmark] der Brunnen/Brunnen fountain; der Zaun/Zäune fence; das Zelt/Zelte tent
[flower plant] die Blume/Blumen flower; die Rose/Rosen rose; die Tulpe/Tulpen tulip; die Pflanze/Pflanzen plant
[event] das Konzert/Konzerte concert; der Film/Filme film; das Spiel/Spiele game; die Prüfung/Prüfungen exam
die Reise/Reisen journey; die Hochzeit/Hochzeiten wedding; die Ausstellung/Ausstellungen exhibition
der Kurs/Kurse course
[place room kitchen in/in/in] die Küche/Küchen kitchen
[place room living in/in/in] das Wohnzimmer/Wohnzimmer living room; das Schlafzimmer/Schlafzimmer bedroom
[place room in/in/in] der Keller/Keller cellar; das Badezimmer/Badezimmer bathroom; die Garage/Garagen garage; das Büro/Büros office
[place hall visit in/in/in] das Museum/Museen museum; die Kirche/Kirchen church/churches; das Theater/Theater theatre
das Schloss/Schlösser castle; die Bibliothek/Bibliotheken library/libraries
[place hall dining in/in/in] das Restaurant/Restaurants restaurant; das Café/Cafés café; das Hotel/Hotels hotel
[place hall in/in/in] das Kino/Kinos cinema; die Fabrik/Fabriken factory/factories; das Krankenhaus/Krankenhäuser hospital
die Schule/Schulen school; das Rathaus/Rathäuser town hall
[place hall shop in/in/in] der Supermarkt/Supermärkte supermarket; das Kaufhaus/Kaufhäuser department store
[place station an/at/zu] der Bahnhof/Bahnhöfe train station; der Flughafen/Flughäfen airport; der Hafen/Häfen harbour
die Bushaltestelle/Bushaltestellen bus stop
[place outdoor an/on/an] der Strand/Strände beach/beaches
[place outdoor shop auf/at/auf] der Markt/Märkte market
[place outdoor auf/at/auf] der Spielplatz/Spielplätze playground
[place outdoor nature auf/in/auf] das Feld/Felder field; die Wiese/Wiesen meadow; der Hof/Höfe yard
[place outdoor nature in/in/in] der Garten/Gärten garden; der Park/Parks park; der Wald/Wälder forest
das Tal/Täler valley
[place outdoor in/in/in] der Zoo/Zoos zoo; das Dorf/Dörfer village; die Stadt/Städte city/cities
[water in/in/in] der See/Seen lake; der Fluss/Flüsse river; das Meer/0 sea; das Schwimmbad/Schwimmbäder swimming pool
"""

VERBS = """
schlafen schläft schlief geschlafen = sleep slept slept : person|pet @living|nature ~rest
lachen = laugh : person ~voice; schlafen schläft schlief geschlafen = sleep slept slept : wild|farm @nature
weinen = cry cried cried : person ~voice; arbeiten = work : person @room|hall|outdoor ~work
singen singt sang gesungen = sing sang sung : person @visit|nature ~voice; tanzen = dance : person @dining|nature|living
spielen = play : young|pet @living|nature; lächeln = smile : person
schwimmen schwimmt schwamm *geschwommen = swim swam swum : person @water ~motion; husten = cough : person ~voice
frühstücken = have+breakfast had had : person @kitchen|dining
warten = wait : person auf+acc/for:transport|person @station ~wait
wandern wandert wanderte *gewandert = hike : person @nature
laufen läuft lief *gelaufen = run ran run : person|animal @nature ~motion; bellen bellt bellte gebellt = bark : dog ~voice
miauen miaut miaute miaut = meow : cat; auf|stehen steht stand *gestanden = get+up got got : person ~hour
ein|schlafen schläft schlief *geschlafen = fall+asleep fell fallen : person|pet
auf|wachen wacht wachte *gewacht = wake+up woke woken : person|pet ~hour
an|kommen kommt kam *gekommen = arrive : transport|person ~hour @station
ab|fahren fährt fuhr *gefahren = depart : transport ~hour
zurück|kommen kommt kam *gekommen = come+back came come : person ~hour
weg|laufen läuft lief *gelaufen = run+away ran run : animal
springen springt sprang *gesprungen = jump : pet auf+acc/onto:seat|surface
klettern klettert kletterte *geklettert = climb : young|cat auf+acc/up:tree|landmark
zurück|gehen geht ging *gegangen = go+back went gone : person >
sitzen sitzt saß gesessen = sit sat sat : person|pet =sit; liegen liegt lag gelegen = lie lay lain : flat =rest
liegen liegt lag gelegen = lie lay lain : pet =lie
stehen steht stand gestanden = stand stood stood ! : upright =upright
stehen steht stand gestanden = stand stood stood : farm|person =stand
gehen geht ging *gegangen = go went gone : person >; fahren fährt fuhr *gefahren = drive drove driven : person >
fliegen fliegt flog *geflogen = fly flew flown : bird über+acc/over:landmark|place
lesen liest las gelesen = read read read : person acc:text|tale ~work @living|nature|dining ?
kaufen = buy bought bought : person acc:thing|vehicle|food @shop ?
schreiben schreibt schrieb geschrieben = write wrote written : person acc:written ~work @living|dining
verkaufen = sell sold sold : person acc:own; suchen = look : person acc/for:own|pet|person
finden findet fand gefunden = find found found ! : person acc:own|pet; holen = fetch : person acc:thing|drink
verlieren verliert verlor verloren = lose lost lost ! : person acc:thing
vergessen vergisst vergaß vergessen = forget forgot forgotten ! : person acc:thing
tragen trägt trug getragen = wear wore worn : person acc:clothes ?
waschen wäscht wusch gewaschen = wash : person acc:clothes|vehicle|fruit
reparieren = repair : person acc:vehicle|device|furniture ~work
putzen = clean : person acc:opening|vehicle|furniture ~work; füttern = feed fed fed : person acc:pet|farm|bird
streicheln = stroke : person acc:pet|farm; jagen = chase : dog|cat acc:prey @nature
fangen fängt fing gefangen = catch caught caught ! : cat|person acc:prey
sehen sieht sah gesehen = see saw seen ! : person|pet acc:animal|person @outdoor
hören = hear heard heard ! : person|pet acc:dog|cat|bird|person
kennen kennt kannte gekannt = know knew known ! : person acc:person|tale
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
leihen leiht lieh geliehen = lend lent lent : person dat:person acc:own
bringen bringt brachte gebracht = bring brought brought : person dat:person acc:drink|thing|food
schulden = owe ! : person dat:person acc:drink; erklären = explain : person dat/to:person acc:lesson ~work
erzählen = tell told told : person dat:person acc:tale
empfehlen empfiehlt empfahl empfohlen = recommend : person dat/to:person acc:reading|dish
vor|lesen liest las gelesen = read read read : person dat/to:person acc:text|tale ~voice
schenken = give gave given : person dat:young|kin acc:flower|clothes
essen isst aß gegessen = eat ate eaten : person acc:food @kitchen|dining|nature ~motion ?
fressen frisst fraß gefressen = eat ate eaten : farm acc:fodder|fruit
trinken trinkt trank getrunken = drink drank drunk : person acc:drink @kitchen|dining ?
kochen = cook : person acc:cooked @kitchen; backen backt backte gebacken = bake : person acc:baked
schneiden schneidet schnitt geschnitten = cut cut cut : person acc:fruit|cooked ~care
bestellen = order : person acc:dish|drink @dining; bezahlen = pay paid paid : person acc/for:dish|drink|clothes
pflücken = pick : person acc:flower|fruit @nature; auf|machen = open : person acc:opening ~care
zu|machen = close : person acc:opening ~care; ein|schalten = turn+on : person acc:device
aus|schalten = turn+off : person acc:device; an|ziehen zieht zog gezogen = put+on put put : person acc:clothes
aus|ziehen zieht zog gezogen = take+off took taken : person acc:clothes
auf|räumen = tidy+up tidied tidied : person acc:room ~work
weg|werfen wirft warf geworfen = throw+away threw thrown : person acc:text|upright|fruit
ein|packen = pack : person acc:thing; vor|bereiten bereitet bereitete bereitet = prepare : person acc:event|dish ~work
bauen = build built built : person acc:building; malen = paint : person acc:animal|flower|landmark|person ~work
zeichnen = draw drew drawn : person acc:animal|plant|building
fotografieren = photograph : person acc:animal|person|building|flower|visit
pflanzen = plant : person acc:plant @nature; gießen gießt goss gegossen = water : person acc:flower
bewundern = admire : person acc:building|flower|visit|clothes; benutzen = use : person acc:device|upright|vehicle
spielen = play : person role:instrument @living|visit|dining; ziehen zieht zog gezogen = pull : farm acc:vehicle
schieben schiebt schob geschoben = push : person acc:vehicle
beobachten = watch : person|cat acc:bird|animal @nature|outdoor
verstehen versteht verstand verstanden = understand understood understood ! : person acc:lesson ?
wiederholen = repeat : person acc:wording; übersetzen = translate : person acc:translated ~work
korrigieren = correct : person acc:translated ~work; lösen = solve : person acc:problem ?
legen = put put put : person acc:flat auf+acc/on:surface|soft ~care
stellen = put put put : person acc:upright auf+acc/on:surface ~care
sprechen spricht sprach gesprochen = talk : person mit+dat/to:person über+acc/about:event|text|animal
denken denkt dachte gedacht = think thought thought : person an+acc/about:person|event
träumen = dream : person|pet von+dat/about:event|animal|food
spielen = play : young|pet mit+dat/with:toy|pet @living|nature; lachen = laugh : person über+acc/at:tale|pet
"""

WEATHER = """
regnen = rain : weather; schneien = snow : weather
"""

STARTS = """
versuchen = try : person; vergessen vergisst vergaß vergessen = forget forgot forgotten ! : person; planen = plan planned planned ! : person
versprechen verspricht versprach versprochen = promise ! : person; hoffen = hope ! : person
"""

SPEECH = """
sagen = say said said : person; glauben = believe ! : person; hoffen = hope ! : person
wissen weiß wusste gewusst = know knew known ! : person; erzählen = tell told told : person dat:person
erklären = explain : person; vergessen vergisst vergaß vergessen = forget forgot forgotten ! : person
"""

ADJECTIVES = """
[person] freundlich friendly; nett nice; klug clever; höflich polite; fleißig hard-working; lustig funny
geduldig patient
[adult] jung young; alt old; berühmt famous; mutig brave; stolz proud
[young] klein small; schüchtern shy; müde tired; neugierig curious
[animal] klein small; groß big; alt old; jung young; braun brown; schwarz black; weiß white; grau grey; hungrig hungry
dick fat
[thing device vehicle furniture instrument] neu new; alt old; klein small; groß big; schön beautiful
[own clothes furniture flower] rot red; blau blue; grün green; gelb yellow; weiß white; schwarz black
[thing device vehicle] teuer/teur expensive; billig cheap; schwer heavy; modern modern
[text tale] lang long; kurz short; interessant interesting; langweilig boring; spannend exciting
[tale] traurig sad; lustig funny
[food] frisch fresh; lecker tasty; groß big; klein small
[fruit] reif ripe; süß sweet
[dish] kalt cold; heiß hot; warm warm
[grocery drink] gut good; frisch fresh; billig cheap
[clothes] warm warm; elegant elegant; schmutzig dirty; sauber clean
[lesson] schwierig difficult; einfach easy; wichtig important; lang long; kurz short
[event] lang long; kurz short; interessant interesting; wichtig important
[place building landmark opening] klein small; groß big; alt old; neu new
[seat] bequem comfortable; breit wide; weich soft; alt old
[fodder] frisch fresh; trocken dry
"""

STATES = """
[obstacle] müde tired; krank ill; nervös nervous; beschäftigt busy; hungrig hungry; durstig thirsty
[person] müde tired; krank ill; hungrig hungry; durstig thirsty; glücklich happy; traurig sad; nervös nervous
wütend angry
[person] beschäftigt busy; zufrieden satisfied; allein alone; ungeduldig impatient
[animal] müde tired; krank ill; hungrig hungry; durstig thirsty; nervös nervous
[thing vehicle device clothes] alt old; neu new; teuer/teur expensive; schön beautiful; kaputt broken
[text tale event] interessant interesting; langweilig boring; lang long; kurz short
[lesson] schwierig difficult; einfach easy; wichtig important
[place building] groß big; klein small; alt old; schön beautiful
[food] lecker tasty; frisch fresh
[drink] kalt cold; heiß hot; gut good
[furniture] bequem comfortable; schwer heavy; alt old
"""

FAULTS = """
[fruit] sauer/saur sour; hart hard; süß sweet
[cooked snack] salzig salty; kalt cold; heiß hot
[baked] süß sweet; trocken dry; hart hard
[grocery] alt old; süß sweet
[drink] kalt cold; heiß hot; süß sweet; stark strong
[text tale] lang long; langweilig boring; schwierig difficult; traurig sad
[clothes] klein small; groß big; eng tight; schmutzig dirty; warm warm
[lesson] schwierig difficult; kompliziert complicated; lang long
[tool device] groß big; schwer heavy; alt old; laut loud
[goods] teuer expensive; alt old; klein small; groß big
"""

TIMES = """
[past] gestern=yesterday; letzte Woche=last week; am Montag=on Monday; gestern Abend=yesterday evening
vor zwei Tagen=two days ago
[past] letzten Monat=last month; heute Morgen=this morning; am Freitag=on Friday; vor einer Stunde=an hour ago
letztes Jahr=last year
[now] jetzt=now; gerade=right now; heute=today; im Moment=at the moment
[future] morgen=tomorrow; nächste Woche=next week; bald=soon; am Wochenende=at the weekend; heute Abend=this evening
[future] in einer Stunde=in an hour; am Samstag=on Saturday; nächsten Monat=next month
übermorgen=the day after tomorrow
[habit] jeden Tag=every day; jeden Morgen=every morning; jeden Abend=every evening; im Sommer=in summer
sonntags=on Sundays
[habit] im Winter=in winter; jede Woche=every week; nach der Schule=after school; nach der Arbeit=after work
abends=in the evening
[often] oft=often; manchmal=sometimes; immer=always; selten=rarely; normalerweise=usually; nie=never
[motion] schnell=quickly; langsam=slowly
[voice] laut=loudly; leise=quietly
[work] sorgfältig=carefully; in Ruhe=in peace; allein=alone
[care] vorsichtig=gently
[rest] friedlich=peacefully; tief=soundly
[wait] geduldig=patiently
[hour] früh=early; spät=late; pünktlich=on time
[kind] höflich=politely; freundlich=warmly
"""

PLACINGS = """
[sit] auf+dat/on:seat|soft; neben+dat/next_to:landmark|person; unter+dat/under:tree
[lie] auf+dat/on:seat|soft; neben+dat/next_to:seat|pet; unter+dat/under:furniture|tree
[stand] vor+dat/in_front_of:landmark; hinter+dat/behind:landmark; neben+dat/next_to:landmark
[rest] auf+dat/on:surface|soft; unter+dat/under:furniture; neben+dat/next_to:upright
[upright] auf+dat/on:surface; neben+dat/next_to:furniture
"""
