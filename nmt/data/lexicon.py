"""The words of the embedded corpus and how they inflect; `nmt.data.grammar` has the rules that put them together.

The tables are the lexicon: a line that starts with `[kinds]` gives the kinds of the words after it, words are
separated by semicolons, and forms that follow no rule are written out. An English word has one German word, or else the
words beside it decide which (cows eat: fressen; flowers are given: schenken), so that both directions have one answer.
"""

NOUNS = """
[person kin single] die Mutter/Mütter mother; der Vater/Väter father; die Großmutter/Großmütter grandmother
der Großvater/Großväter grandfather
[person kin] die Schwester/Schwestern sister
der Bruder/Brüder brother; die Tochter/Töchter daughter; der Sohn/Söhne son; die Tante/Tanten aunt
der Onkel/Onkel uncle; der Freund/Freunde friend; der Nachbar*/Nachbarn neighbour
[person adult] der Lehrer/Lehrer teacher; die Ärztin/Ärztinnen doctor; die Köchin/Köchinnen chef
der Bäcker/Bäcker baker; die Sängerin/Sängerinnen singer; der Polizist*/Polizisten police officer
die Verkäuferin/Verkäuferinnen shop assistant; der Student*/Studenten student; die Schülerin/Schülerinnen pupil
der Bauer*/Bauern farmer; der Gärtner/Gärtner gardener; die Künstlerin/Künstlerinnen artist
die Anwältin/Anwältinnen lawyer; der Maler/Maler painter; der Gast/Gäste guest; die Frau/Frauen woman/women
der Mann/Männer man/men; die Touristin/Touristinnen tourist; der Kellner/Kellner waiter
die Richterin/Richterinnen judge
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
[animal wild elephant] der Elefant*/Elefanten elephant
[animal wild] der Affe*/Affen monkey; der Bär*/Bären bear; der Wolf/Wölfe wolf/wolves
der Fuchs/Füchse fox; das Kamel/Kamele camel; der Löwe*/Löwen lion; die Giraffe/Giraffen giraffe
das Reh/Rehe deer/deer
[animal bird prey] die Ente/Enten duck; der Vogel/Vögel bird; die Gans/Gänse goose/geese; das Huhn/Hühner hen
die Taube/Tauben pigeon; der Schwan/Schwäne swan
[food fruit] der Apfel/Äpfel apple; die Banane/Bananen banana; die Birne/Birnen pear; die Orange/Orangen orange
der Pfirsich/Pfirsiche peach; die Kirsche/Kirschen cherry/cherries; die Erdbeere/Erdbeeren strawberry/strawberries
die Tomate/Tomaten tomato/tomatoes; die Pflaume/Pflaumen plum
[food dish cooked] die Kartoffel/Kartoffeln potato/potatoes; das Ei/Eier egg
das Würstchen/Würstchen sausage; die Bohne/Bohnen bean; der Pilz/Pilze mushroom
[dish soup] die Suppe/Suppen soup
[food dish baked] der Kuchen/Kuchen cake; die Pizza/Pizzen pizza; der Keks/Kekse biscuit
das Brötchen/Brötchen bread roll; der Pfannkuchen/Pfannkuchen pancake; die Torte/Torten tart
[food dish snack] der Salat/Salate salad; das Sandwich/Sandwiches sandwich
[food grocery] das Brot/0 bread; der Käse/0 cheese; der Reis/0 rice; das Fleisch/0 meat; der Honig/0 honey
die Schokolade/0 chocolate; das Eis/0 ice cream
[drink] der Kaffee/0 coffee; der Tee/0 tea; die Milch/0 milk; das Wasser/0 water; der Saft/0 juice; das Bier/0 beer
der Wein/0 wine; die Limonade/0 lemonade; der Kakao/0 cocoa
[fodder] das Heu/0 hay; das Gras/0 grass; der Mais/0 maize
[resource] die Zeit/0 time; die Geduld/0 patience
[money] das Geld/0 money
[text flat thing own translated written reading] das Buch/Bücher book; der Roman/Romane novel
[text flat own translated written reading] das Gedicht/Gedichte poem
[text flat translated written] der Brief/Briefe letter
[text flat thing reading printed] die Zeitung/Zeitungen newspaper; die Zeitschrift/Zeitschriften magazine
[text flat written printed] der Bericht/Berichte report
[tale translated written] die Geschichte/Geschichten story/stories; das Märchen/Märchen fairy tale
[lesson translated wording] der Satz/Sätze sentence; das Wort/Wörter word; die Frage/Fragen question
der Text/Texte text
[lesson] die Aufgabe/Aufgaben exercise; die Regel/Regeln rule
[lesson problem] das Problem/Probleme problem; das Rätsel/Rätsel riddle
[flat thing own] der Schlüssel/Schlüssel key; das Handy/Handys mobile phone; der Löffel/Löffel spoon
die Gabel/Gabeln fork; das Messer/Messer knife/knives; der Stift/Stifte pen; das Bild/Bilder picture
die Münze/Münzen coin; der Ring/Ringe ring; der Hammer/Hämmer hammer; die Karte/Karten map; das Heft/Hefte notebook
der Regenschirm/Regenschirme umbrella
[upright thing own load] die Flasche/Flaschen bottle; die Vase/Vasen vase; die Tasse/Tassen cup
das Glas/Gläser glass/glasses; der Teller/Teller plate; der Topf/Töpfe pot; der Eimer/Eimer bucket
die Schüssel/Schüsseln bowl; der Korb/Körbe basket
[upright thing own load locked] der Koffer/Koffer suitcase
[upright thing own] die Uhr/Uhren clock; der Rucksack/Rucksäcke backpack; die Tasche/Taschen bag
[thing own toy single] der Ball/Bälle ball; die Puppe/Puppen doll
[thing own] das Geschenk/Geschenke present; die Kamera/Kameras camera
[clothes worn own thing] der Mantel/Mäntel coat; die Jacke/Jacken jacket
das Hemd/Hemden shirt; das T-Shirt/T-Shirts T-shirt; der Pullover/Pullover jumper
der Anzug/Anzüge suit
[own thing garment] das Kleid/Kleider dress; die Bluse/Blusen blouse; der Rock/Röcke skirt
[clothes headgear hat own thing] der Hut/Hüte hat; die Mütze/Mützen cap
[clothes worn hat own thing] der Schal/Schals scarf/scarves
[device own] der Fernseher/Fernseher television; das Radio/Radios radio
der Ofen/Öfen oven; die Waschmaschine/Waschmaschinen washing machine; die Heizung/Heizungen heater
[device own disk] der Computer/Computer computer
[device own upright lit] die Lampe/Lampen lamp
[opening] das Fenster/Fenster window
[opening locked] die Tür/Türen door; der Schrank/Schränke wardrobe
die Schublade/Schubladen drawer
[instrument] das Klavier/Klaviere piano; die Geige/Geigen violin; die Gitarre/Gitarren guitar; die Flöte/Flöten flute
die Trompete/Trompeten trumpet; die Trommel/Trommeln drum
[transport vehicle] der Bus/Busse bus/buses; der Zug/Züge train
die Straßenbahn/Straßenbahnen tram
[vehicle ship] das Schiff/Schiffe ship
[vehicle own landmark pushed] das Auto/Autos car; das Motorrad/Motorräder motorcycle
[vehicle own landmark] der Lastwagen/Lastwagen lorry/lorries
[vehicle cart pushed] der Wagen/Wagen cart; der Schlitten/Schlitten sledge
[vehicle own pushed] das Fahrrad/Fahrräder bicycle
[vehicle own] das Boot/Boote boat
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
[event] das Konzert/Konzerte concert; der Film/Filme film; die Prüfung/Prüfungen exam
die Reise/Reisen journey; die Hochzeit/Hochzeiten wedding; die Ausstellung/Ausstellungen exhibition
der Kurs/Kurse course
[way street] die Straße/Straßen street; die Brücke/Brücken bridge; der Platz/Plätze square; der Weg/Wege path
[way stream] der Bach/Bäche stream; der Kanal/Kanäle canal
[event contest] das Spiel/Spiele match/matches
[place room kitchen in/in/in] die Küche/Küchen kitchen
[place room living in/in/in] das Wohnzimmer/Wohnzimmer living room; das Schlafzimmer/Schlafzimmer bedroom
[place room in/in/in] der Keller/Keller cellar; das Badezimmer/Badezimmer bathroom; die Garage/Garagen garage
das Büro/Büros office
[place hall visit in/in/in] das Museum/Museen museum; die Kirche/Kirchen church/churches; das Theater/Theater theatre
das Schloss/Schlösser castle; die Bibliothek/Bibliotheken library/libraries
[place hall dining in/in/in] das Restaurant/Restaurants restaurant; das Café/Cafés café; das Hotel/Hotels hotel
[place hall in/in/in] das Kino/Kinos cinema; die Fabrik/Fabriken factory/factories
das Krankenhaus/Krankenhäuser hospital
die Schule/Schulen school; das Rathaus/Rathäuser town hall
[place hall shop in/in/in] der Supermarkt/Supermärkte supermarket; das Kaufhaus/Kaufhäuser department store
[place station an/at/zu] der Bahnhof/Bahnhöfe train station; der Flughafen/Flughäfen airport; der Hafen/Häfen harbour
die Bushaltestelle/Bushaltestellen bus stop
[place outdoor an/on/an] der Strand/Strände beach/beaches
[place outdoor shop auf/at/auf] der Markt/Märkte market
[place outdoor auf/at/auf] der Spielplatz/Spielplätze playground
[place outdoor nature way street auf/in/auf] das Feld/Felder field
[place outdoor nature auf/in/auf] die Wiese/Wiesen meadow; der Hof/Höfe yard
[place outdoor nature in/in/in] der Garten/Gärten garden; der Park/Parks park
[place outdoor nature hills in/in/in] der Wald/Wälder forest
das Tal/Täler valley
[place outdoor in/in/in] der Zoo/Zoos zoo; das Dorf/Dörfer village; die Stadt/Städte city/cities
[water river in/in/zu] der See/Seen lake
[water river way stream in/in/zu] der Fluss/Flüsse river
[water in/in/zu] das Meer/0 sea
[water in/in/in] das Schwimmbad/Schwimmbäder swimming pool
[shore part] das Ufer/Ufer bank
[nose part] der Rüssel/Rüssel trunk
[stem part] der Stamm/Stämme trunk
[bulb part] die Birne/Birnen bulb
[ceiling part] die Decke/Decken ceiling
[lock part] das Schloss/Schlösser lock
[figures part] die Tabelle/Tabellen table
[wader beast] der Kranich/Kraniche crane
[flyer beast] die Fledermaus/Fledermäuse bat
[snake beast] die Schlange/Schlangen snake
[swimmer beast] die Robbe/Robben seal
[rooster beast] der Hahn/Hähne rooster
[ostrich] der Strauß/Strauße ostrich/ostriches
[bouquet] der Strauß/Sträuße bouquet
[machine] der Kran/Kräne crane
[gear] der Schläger/Schläger bat
[wax] das Siegel/Siegel seal
[tap] der Hahn/Hähne tap
[button] die Taste/Tasten key
[stick] das Streichholz/Streichhölzer match/matches
[meal] das Gericht/Gerichte dish/dishes
[cash] das Geld/0 money
[place court in/at/in] das Gericht/Gerichte court
[place counter in/at/in] die Bank/Banken bank
[place queue in/in/in] die Schlange/Schlangen queue
"""

ADJECTIVES = """
[person] freundlich friendly; nett nice; klug clever; höflich polite; fleißig hard-working; lustig funny
geduldig patient
[adult] jung young; alt old; berühmt famous; mutig brave; stolz proud
[young] klein small; schüchtern shy; müde tired; neugierig curious
[animal] klein small; groß big; alt old; jung young; braun brown; schwarz black; weiß white; grau grey; hungrig hungry
dick fat
[thing device vehicle furniture instrument] neu new; alt old; klein small; groß big; schön beautiful
[clothes garment furniture flower toy upright vehicle] rot red; blau blue; grün green; gelb yellow
weiß white; schwarz black
[thing device vehicle] teuer/teur expensive; billig cheap; modern modern
[device flat upright] schwer heavy
[text tale] lang long; kurz short; interessant interesting; langweilig boring; spannend exciting
[tale] traurig sad; lustig funny
[food] frisch fresh; lecker tasty; groß big; klein small
[fruit] reif ripe; süß sweet
[grocery drink] gut good; frisch fresh; billig cheap
[drink] kalt cold
[clothes] warm warm; elegant elegant; schmutzig dirty; sauber clean
[lesson] schwierig difficult; einfach easy; wichtig important; lang long; kurz short
[event] lang long; kurz short; interessant interesting; wichtig important
[place building landmark opening] klein small; groß big
[hall building landmark opening] alt old; neu new
[seat] bequem comfortable; breit wide; weich soft; alt old
[fodder] frisch fresh; trocken dry
"""

STATES = """
[obstacle] müde tired; krank ill; nervös nervous; hungrig hungry; durstig thirsty
[obstacle_person] beschäftigt busy
[person] müde tired; krank ill; hungrig hungry; durstig thirsty; glücklich happy; traurig sad; nervös nervous
wütend angry
[person] beschäftigt busy; zufrieden satisfied; allein alone; ungeduldig impatient
[animal] müde tired; krank ill; hungrig hungry; durstig thirsty; nervös nervous
[thing vehicle device clothes] alt old; neu new; teuer/teur expensive; schön beautiful
[device vehicle upright] kaputt broken
[text tale event] interessant interesting; langweilig boring; lang long; kurz short
[lesson] schwierig difficult; einfach easy; wichtig important
[place building] groß big; klein small; alt old; schön beautiful
[food] lecker tasty; frisch fresh
[drink] kalt cold; heiß hot; gut good
[seat] bequem comfortable; weich soft
[shore] steil steep; nass wet; schön beautiful
[nose] lang long; kurz short; schmutzig dirty
[stem] nass wet; hart hard; krank ill
[bulb] kaputt broken; neu new; heiß hot
[ceiling] schmutzig dirty; weiß white; hoch high
[lock] kaputt broken; neu new; alt old
[figures] kompliziert complicated; lang long; wichtig important
[furniture] schwer heavy; alt old
"""

WHY = """
[essen backen kochen] hungrig hungry
[trinken] durstig thirsty
[schlafen einschlafen sitzen] müde tired
[weinen anrufen] traurig sad
[lachen tanzen singen lächeln umarmen einladen] glücklich happy
[wegwerfen zumachen weinen] wütend angry
[anrufen fragen weinen weglaufen] nervös nervous
[fragen anrufen zurückgehen] ungeduldig impatient
[singen lächeln] zufrieden satisfied
[not] müde tired; krank ill
[not_person] beschäftigt busy
"""

FAULTS = """
[fruit] sauer/saur sour; hart hard; süß sweet
[cooked snack meal soup] salzig salty; kalt cold; heiß hot
[baked] süß sweet; trocken dry; hart hard
[grocery] alt old; süß sweet
[drink] kalt cold; heiß hot
[text tale] lang long; langweilig boring; schwierig difficult; traurig sad
[clothes] klein small; groß big; eng tight; schmutzig dirty; warm warm
[lesson figures] schwierig difficult; kompliziert complicated; lang long
[tool device] groß big; schwer heavy; alt old; laut loud
[street] breit wide; nass wet; gefährlich dangerous
[stream] tief deep; breit wide; kalt cold
[goods] teuer expensive; alt old; klein small; groß big
"""

TIMES = """
[past] gestern=yesterday; am Montag=on Monday; gestern Abend=yesterday evening; heute Morgen=this morning
am Freitag=on Friday
[past_affirmed] vor zwei Tagen=two days ago; vor einer Stunde=an hour ago
[past_long] letzte Woche=last week; letzten Monat=last month; letztes Jahr=last year
[now] jetzt=now; heute=today; im Moment=at the moment
[now_affirmed] gerade=right now
[future] morgen=tomorrow; am Wochenende=at the weekend; heute Abend=this evening
am Samstag=on Saturday; übermorgen=the day after tomorrow
[future_affirmed] in einer Stunde=in an hour; bald=soon
[future_long] nächste Woche=next week; nächsten Monat=next month
[habit] jeden Tag=every day; jeden Morgen=every morning; jeden Abend=every evening; sonntags=on Sundays
jede Woche=every week; abends=in the evening
[habit_season] im Sommer=in summer; im Winter=in winter
[habit_young] nach der Schule=after school
[habit_grown] nach der Arbeit=after work
[often] oft=often; manchmal=sometimes; immer=always; selten=rarely; normalerweise=usually; nie=never
[just] gerade=just
[motion] schnell=quickly; langsam=slowly
[voice] laut=loudly; leise=quietly
[work] sorgfältig=carefully; in Ruhe=in peace; allein=alone
[care] vorsichtig=gently
[rest] friedlich=peacefully; tief=soundly
[wait] geduldig=patiently
[hour] früh=early; spät=late; pünktlich=on time
[kind] höflich=politely; freundlich=warmly
"""

# What one can do in a week or a month and not in a moment.
LONG = (
    "arbeiten bauen besuchen einladen fahren fliegen kaufen lesen malen pflanzen reparieren schicken schreiben treffen "
    "verkaufen verlieren wandern zeichnen übersetzen"
)

PLACINGS = """
[sit] auf+dat/on:seat|soft; an+dat/on:shore; neben+dat/next_to:landmark|person; unter+dat/under:tree
[lie] auf+dat/on:seat|soft; neben+dat/next_to:seat|pet; unter+dat/under:furniture|tree
[stand] vor+dat/in_front_of:landmark; hinter+dat/behind:landmark; neben+dat/next_to:landmark
[rest] auf+dat/on:surface|soft; unter+dat/under:furniture; neben+dat/next_to:upright
[upright] auf+dat/on:surface; neben+dat/next_to:furniture
"""
