//! Function words, as they occur in speech, and letters of languages. Parts of contractions are
//! listed by themselves: "don't" is `don` and `t`, "j'ai" is `j` and `ai`.

/// Marks of a language, in lower case.
pub struct Words {
    /// The language.
    pub code: &'static str,
    /// Letters of this one of the languages below.
    pub letters: &'static str,
    /// Function words, sorted.
    pub words: &'static [&'static str],
}

/// Languages in Latin script that `whichlang` knows.
pub const LATIN: &[Words] = &[
    Words { code: "en", letters: "", words: ENGLISH },
    Words { code: "de", letters: "ß", words: GERMAN },
    Words { code: "fr", letters: "", words: FRENCH },
    Words { code: "es", letters: "ñ", words: SPANISH },
    Words { code: "pt", letters: "ãõ", words: PORTUGUESE },
    Words { code: "it", letters: "", words: ITALIAN },
    Words { code: "nl", letters: "", words: DUTCH },
    Words { code: "sv", letters: "", words: SWEDISH },
    Words { code: "tr", letters: "ğı", words: TURKISH },
    Words { code: "vi", letters: "ơưạậ", words: VIETNAMESE },
];

/// Languages in Latin script that it does not know, and takes for one of those.
pub const OTHER_LATIN: &[Words] = &[
    Words { code: "ca", letters: "", words: CATALAN },
    Words { code: "cs", letters: "řěů", words: CZECH },
    Words { code: "da", letters: "", words: DANISH },
    Words { code: "fi", letters: "", words: FINNISH },
    Words { code: "hr", letters: "", words: CROATIAN },
    Words { code: "hu", letters: "őű", words: HUNGARIAN },
    Words { code: "id", letters: "", words: INDONESIAN },
    Words { code: "no", letters: "", words: NORWEGIAN },
    Words { code: "pl", letters: "łąęśźż", words: POLISH },
    Words { code: "ro", letters: "șț", words: ROMANIAN },
];

/// Languages in Cyrillic script.
pub const CYRILLIC: &[Words] = &[
    Words { code: "ru", letters: "", words: RUSSIAN },
    Words { code: "uk", letters: "", words: UKRAINIAN },
    Words { code: "bg", letters: "", words: BULGARIAN },
    Words { code: "sr", letters: "", words: SERBIAN },
];

const ENGLISH: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "always", "am", "an", "and", "another", "any",
    "anymore", "are", "as", "ask", "at", "be", "because", "been", "before", "being", "between",
    "but", "by", "can", "cannot", "could", "d", "did", "didn", "do", "does", "doesn", "doing",
    "don", "even", "every", "everyone", "everything", "feel", "feels", "for", "from", "get",
    "getting", "go", "going", "got", "had", "has", "have", "he", "her", "here", "him", "his",
    "how", "i", "if", "in", "into", "is", "isn", "it", "its", "just", "keep", "keeps", "know",
    "last", "let", "like", "ll", "m", "makes", "many", "maybe", "me", "more", "much", "my",
    "myself", "need", "never", "next", "nobody", "not", "nothing", "now", "of", "off", "on", "one",
    "only", "or", "other", "our", "out", "over", "re", "really", "s", "said", "say", "she",
    "should", "since", "so", "some", "someone", "something", "sometimes", "start", "still", "such",
    "t", "take", "talk", "tell", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "thing", "things", "think", "this", "those", "to", "told", "too", "until", "up", "us",
    "ve", "very", "want", "wants", "was", "wasn", "we", "well", "were", "what", "when", "where",
    "whether", "which", "while", "who", "why", "will", "with", "without", "won", "would", "wouldn",
    "yeah", "yes", "you", "your",
];

const GERMAN: &[&str] = &[
    "aber", "alle", "alles", "als", "also", "am", "an", "auch", "auf", "aus", "bei", "beim", "bin",
    "bis", "da", "damit", "dann", "darauf", "darum", "darüber", "das", "dass", "davon", "dazu",
    "dem", "den", "denn", "der", "des", "deshalb", "dich", "die", "dir", "doch", "du", "durch",
    "ehrlich", "eigentlich", "ein", "eine", "einem", "einen", "einer", "eines", "einfach", "er",
    "erst", "es", "etwas", "euch", "für", "ganz", "gar", "geht", "gerade", "gern", "gestern",
    "gibt", "glaube", "gut", "hab", "habe", "haben", "hat", "hatte", "heute", "hier", "ich", "ihm",
    "ihn", "ihr", "ihre", "im", "immer", "in", "irgendwie", "ist", "ja", "jede", "jeden", "jetzt",
    "kam", "kann", "kein", "keine", "keinen", "können", "könnte", "leben", "letzte", "mach",
    "mache", "machen", "macht", "mag", "mal", "man", "manchmal", "mehr", "mein", "meine", "meinem",
    "meinen", "meiner", "meint", "mich", "mir", "mit", "morgen", "muss", "möchte", "müssen",
    "nach", "nachts", "neue", "neues", "nicht", "nichts", "nie", "noch", "nur", "ob", "oder",
    "ohne", "richtig", "sagt", "schon", "sehr", "sein", "seit", "sich", "sie", "sind", "so",
    "soll", "sollte", "sprechen", "total", "trotzdem", "tut", "um", "und", "uns", "unser", "viel",
    "vielleicht", "vom", "von", "vor", "wann", "war", "was", "weil", "weiß", "weißt", "wenig",
    "wenn", "wer", "werde", "werden", "wie", "wieder", "will", "wir", "wird", "wo", "woche",
    "würde", "zu", "zum", "zur", "zwei", "ähm", "über",
];

const FRENCH: &[&str] = &[
    "a", "ai", "aimerais", "alors", "après", "arrive", "as", "assez", "au", "aujourd", "aussi",
    "autre", "aux", "avais", "avait", "avant", "avec", "avez", "avoir", "avons", "beaucoup",
    "bien", "bon", "c", "ce", "cela", "celle", "ces", "cet", "cette", "chaque", "chez", "comme",
    "comment", "crois", "d", "dans", "de", "depuis", "des", "dire", "dis", "dit", "dois", "donc",
    "dont", "du", "déjà", "elle", "elles", "en", "encore", "est", "et", "euh", "eux", "faire",
    "fais", "fait", "faut", "franchement", "hier", "hui", "il", "ils", "j", "jamais", "je", "jour",
    "jours", "juste", "l", "la", "le", "les", "leur", "leurs", "lui", "m", "ma", "mais", "mal",
    "me", "mes", "moi", "moins", "mon", "même", "n", "ne", "ni", "non", "nos", "notre", "nous",
    "on", "ont", "ou", "oui", "où", "par", "parce", "parfois", "parler", "pas", "pense", "peu",
    "peur", "peut", "peux", "plus", "pour", "pourquoi", "pourrais", "qu", "quand", "que", "quelqu",
    "quelque", "qui", "quoi", "rien", "s", "sa", "sais", "sans", "se", "ses", "si", "son", "sont",
    "suis", "sur", "t", "ta", "te", "tes", "toi", "ton", "toujours", "tous", "tout", "toute",
    "toutes", "trop", "très", "tu", "un", "une", "va", "vais", "veut", "veux", "vois", "voudrais",
    "vous", "vraiment", "y", "à", "ça", "étais", "était", "être",
];

const SPANISH: &[&str] = &[
    "a", "acuerdo", "ahora", "ahí", "al", "algo", "alguien", "antes", "aquí", "así", "aunque",
    "ayer", "años", "bien", "bueno", "cada", "casi", "como", "con", "cosa", "cosas", "creo",
    "cuando", "cómo", "da", "de", "decir", "del", "desde", "después", "dice", "dije", "donde",
    "dos", "día", "e", "el", "ella", "ellos", "empezar", "en", "entonces", "era", "eres", "es",
    "esa", "ese", "eso", "esta", "estaba", "estamos", "estar", "este", "esto", "estoy", "está",
    "están", "estás", "fue", "gracias", "gusta", "gustaría", "ha", "hablar", "había", "hace",
    "hacer", "hago", "han", "hasta", "hay", "he", "hoy", "la", "las", "le", "les", "lo", "los",
    "luego", "me", "menos", "mi", "mis", "mucha", "mucho", "muy", "más", "mí", "nada", "nadie",
    "ni", "no", "noche", "nos", "nunca", "o", "otra", "otro", "para", "pero", "pienso", "poco",
    "podemos", "podría", "por", "porque", "puedo", "pues", "que", "quería", "quien", "quiere",
    "quiero", "quisiera", "qué", "se", "sea", "ser", "si", "siempre", "siento", "sin", "sobre",
    "somos", "son", "soy", "su", "sus", "sé", "sí", "también", "tan", "tanto", "te", "tener",
    "tengo", "tenía", "tiene", "todas", "todavía", "todo", "todos", "tu", "tú", "un", "una",
    "unos", "usted", "va", "veces", "ver", "verdad", "voy", "y", "ya", "yo", "él",
];

const PORTUGUESE: &[&str] = &[
    "a", "acho", "agora", "ainda", "algo", "alguma", "ali", "ao", "aos", "aqui", "as", "assim",
    "até", "aí", "bem", "cada", "coisa", "coisas", "com", "como", "consigo", "da", "das", "de",
    "dela", "dele", "demais", "depois", "desculpa", "deve", "devo", "dia", "dizer", "do", "dois",
    "dos", "e", "ela", "elas", "ele", "eles", "em", "então", "era", "essa", "esse", "esta",
    "estamos", "estar", "estava", "este", "estou", "está", "estão", "eu", "falar", "faz", "fazer",
    "fez", "fica", "ficar", "foi", "for", "fui", "gente", "gostaria", "há", "isso", "isto", "já",
    "la", "lá", "mais", "mas", "me", "mesmo", "meu", "meus", "mim", "minha", "minhas", "muita",
    "muito", "na", "nada", "nas", "nem", "ninguém", "no", "noite", "nos", "nossa", "nosso", "num",
    "numa", "nunca", "não", "né", "nós", "o", "obrigada", "obrigado", "onde", "ontem", "os", "ou",
    "outra", "outro", "para", "pela", "pelo", "perto", "podemos", "porque", "posso", "pra",
    "preciso", "quando", "quase", "que", "quem", "quer", "queria", "quero", "quiser", "se", "sei",
    "seja", "sem", "sempre", "ser", "seu", "sim", "sinto", "sobre", "sou", "sua", "são", "só",
    "talvez", "também", "tem", "tenho", "ter", "teu", "tinha", "toda", "todo", "todos", "tudo",
    "tá", "um", "uma", "umas", "vai", "vez", "vezes", "você", "vou", "à", "às", "é",
];

const ITALIAN: &[&str] = &[
    "a", "abbiamo", "adesso", "ai", "al", "alla", "alle", "allora", "altra", "altro", "anche",
    "ancora", "anni", "avere", "aveva", "avevo", "basta", "bene", "c", "ce", "che", "chi", "ci",
    "ciò", "come", "con", "cosa", "cose", "così", "cui", "d", "da", "dal", "dalla", "davvero",
    "dei", "del", "dell", "della", "delle", "deve", "devo", "di", "dico", "dire", "dopo", "dove",
    "dovrei", "due", "e", "ed", "era", "erano", "ero", "essere", "fa", "faccio", "fare", "fatto",
    "finché", "forse", "giorno", "già", "gli", "grazie", "ha", "hai", "hanno", "ho", "i", "ieri",
    "il", "in", "io", "l", "la", "le", "lei", "li", "lo", "loro", "lui", "ma", "mah", "mai", "me",
    "meno", "mi", "mia", "mie", "miei", "mio", "molto", "ne", "nei", "nel", "nella", "nemmeno",
    "nessuno", "niente", "no", "noi", "non", "notte", "nulla", "o", "oggi", "ogni", "oppure",
    "ora", "ormai", "penso", "per", "perché", "però", "piace", "più", "poco", "poi", "possiamo",
    "posso", "potrei", "prima", "proprio", "può", "qualche", "qualcosa", "quando", "quella",
    "quello", "questa", "questo", "qui", "quindi", "riesco", "sai", "sarebbe", "sarei", "se",
    "sei", "sempre", "sento", "senza", "si", "sia", "siamo", "so", "sono", "sta", "stanno",
    "stata", "stato", "stiamo", "sto", "sua", "subito", "sul", "sulla", "suo", "suoi", "sì",
    "tanto", "te", "ti", "tra", "tu", "tutta", "tutte", "tutti", "tutto", "un", "una", "uno", "va",
    "vado", "voglio", "volta", "volte", "vorrebbe", "vorrei", "vuole", "è",
];

const DUTCH: &[&str] = &[
    "aan", "al", "alles", "als", "altijd", "ben", "bij", "daar", "dan", "dat", "de", "deze", "die",
    "dit", "doe", "door", "dus", "een", "eens", "elke", "en", "er", "even", "gaan", "gewoon",
    "had", "heb", "hebben", "heeft", "heel", "het", "hier", "hij", "hoe", "iets", "ik", "in", "is",
    "ja", "je", "kan", "kunnen", "maar", "me", "meer", "met", "mij", "mijn", "misschien", "moet",
    "naar", "nee", "niet", "niets", "nog", "nooit", "nu", "of", "om", "omdat", "ons", "ook", "op",
    "over", "te", "toch", "toen", "uit", "van", "veel", "voor", "waar", "waren", "was", "wat",
    "we", "weer", "weet", "wel", "werd", "wil", "wordt", "zal", "ze", "zei", "zich", "zij", "zijn",
    "zo", "zou",
];

const SWEDISH: &[&str] = &[
    "aldrig", "alla", "allt", "att", "av", "bara", "bli", "blir", "bra", "dag", "de", "dem", "den",
    "det", "dig", "du", "där", "då", "efter", "eller", "en", "ett", "finns", "från", "för", "ha",
    "hade", "han", "har", "henne", "hon", "honom", "hos", "hur", "här", "i", "idag", "igen",
    "igår", "ingen", "inget", "inte", "ja", "jag", "jobb", "ju", "kan", "kanske", "kommer",
    "kväll", "lite", "längre", "man", "med", "men", "mig", "min", "mina", "mitt", "mycket",
    "måste", "nej", "ni", "nog", "nu", "när", "något", "och", "också", "om", "oss", "på", "sen",
    "sig", "ska", "skulle", "som", "så", "till", "tror", "upp", "ut", "vad", "var", "vara",
    "varje", "vet", "vi", "vill", "är", "över",
];

const TURKISH: &[&str] = &[
    "ama", "artık", "bana", "bazen", "belki", "ben", "bence", "beni", "benim", "bile", "bir",
    "biz", "bu", "bugün", "bunu", "böyle", "da", "daha", "de", "değil", "diye", "dün", "en",
    "evet", "gerçekten", "gibi", "göre", "hayır", "hem", "hep", "her", "hiç", "hiçbir", "ile",
    "istiyorum", "için", "kadar", "ki", "mi", "mu", "mü", "mı", "nasıl", "ne", "neden", "niye",
    "o", "olan", "oldu", "olduğunu", "olur", "onu", "onun", "sanırım", "sen", "sonra", "var", "ve",
    "veya", "ya", "yani", "yok", "zaman", "çok", "çünkü", "şey", "şimdi", "şu",
];

const VIETNAMESE: &[&str] = &[
    "anh", "biết", "bạn", "bị", "cho", "chưa", "chị", "các", "cái", "có", "cô", "cũng", "của",
    "em", "gì", "hơn", "khi", "không", "là", "làm", "lại", "muốn", "mà", "mình", "một", "nhiều",
    "nhưng", "những", "này", "nên", "nói", "phải", "quá", "ra", "rất", "rồi", "sẽ", "thì", "trong",
    "tôi", "và", "vì", "vẫn", "về", "với", "đang", "đi", "đã", "đó", "được", "để",
];

const CATALAN: &[&str] = &[
    "a", "així", "això", "al", "amb", "aquest", "aquesta", "aquí", "avui", "bé", "cada", "cap",
    "com", "crec", "d", "de", "del", "dels", "dia", "dir", "dos", "el", "ell", "ella", "els", "em",
    "en", "encara", "ens", "era", "estic", "està", "ets", "fa", "faig", "fer", "fins", "gaire",
    "ha", "han", "he", "hem", "hi", "ho", "i", "ja", "jo", "l", "la", "les", "li", "m", "mai",
    "massa", "meu", "meva", "molt", "més", "n", "ningú", "no", "nosaltres", "o", "on", "para",
    "parlar", "per", "perquè", "però", "potser", "puc", "quan", "que", "què", "res", "s", "sempre",
    "sense", "ser", "seva", "si", "sé", "sóc", "són", "també", "tinc", "tot", "tots", "un", "una",
    "va", "vaig", "vull", "és",
];

const DANISH: &[&str] = &[
    "af", "aldrig", "alle", "alt", "at", "bare", "bliver", "da", "de", "den", "der", "det", "dig",
    "du", "efter", "eller", "en", "er", "et", "for", "fra", "gør", "ham", "han", "har", "havde",
    "hende", "her", "hun", "hvad", "hver", "hvor", "hvordan", "i", "igen", "ikke", "ja", "jeg",
    "kan", "lidt", "længere", "man", "med", "meget", "men", "mig", "min", "mine", "mit", "måske",
    "ned", "nej", "noget", "nu", "når", "og", "også", "om", "op", "os", "over", "på", "sig",
    "skal", "skulle", "som", "så", "til", "tror", "ud", "var", "ved", "vi", "vil", "ville", "være",
    "år",
];

const NORWEGIAN: &[&str] = &[
    "aldri", "alle", "alt", "av", "bare", "blir", "da", "de", "deg", "den", "der", "det", "du",
    "ei", "eller", "en", "enn", "er", "et", "etter", "for", "fra", "får", "gjør", "hadde", "ham",
    "han", "har", "henne", "her", "hun", "hva", "hver", "hvor", "hvordan", "i", "igjen", "ikke",
    "ja", "jeg", "kan", "kanskje", "lenger", "litt", "man", "med", "meg", "men", "mer", "min",
    "mine", "mitt", "mye", "må", "nei", "noe", "nå", "når", "og", "også", "om", "opp", "oss",
    "over", "på", "seg", "skal", "skulle", "som", "så", "til", "tror", "ut", "var", "vet", "vi",
    "vil", "ville", "være", "år",
];

const POLISH: &[&str] = &[
    "a", "albo", "ale", "bardzo", "bez", "bo", "być", "był", "była", "było", "chcę", "chyba",
    "ciągle", "co", "coś", "czy", "dla", "do", "dobrze", "dzisiaj", "gdy", "gdzie", "go", "i",
    "ich", "ile", "ja", "jak", "jego", "jej", "jest", "jestem", "jeszcze", "już", "każdy", "kiedy",
    "kto", "która", "które", "który", "ma", "mam", "mi", "mnie", "mną", "mogę", "moja", "moje",
    "może", "możemy", "myślę", "mój", "na", "nad", "nic", "nie", "nigdy", "niż", "o", "od", "on",
    "ona", "oni", "po", "pod", "potem", "prostu", "przed", "przez", "przy", "się", "są", "ta",
    "tak", "także", "tam", "tego", "tej", "ten", "teraz", "to", "trochę", "tylko", "tym", "u", "w",
    "we", "wiem", "wszystko", "z", "za", "zawsze", "ze", "znowu", "że", "żeby",
];

const ROMANIAN: &[&str] = &[
    "a", "acasă", "acum", "ai", "aici", "am", "ar", "are", "asta", "astăzi", "au", "aș", "așa",
    "bine", "ca", "care", "ce", "cel", "ceva", "cineva", "cred", "cu", "cum", "când", "că", "da",
    "dacă", "dar", "de", "despre", "din", "după", "e", "ea", "ei", "el", "era", "este", "eu",
    "fac", "fi", "fiecare", "foarte", "fost", "iar", "la", "le", "lucru", "lui", "m", "mai", "mea",
    "mei", "meu", "mi", "mult", "mă", "ne", "nici", "niciodată", "nimic", "noi", "nu", "o", "pe",
    "pentru", "poate", "pot", "prea", "s", "sau", "se", "sunt", "să", "te", "tot", "tu", "un",
    "unde", "va", "vreau", "îi", "îl", "îmi", "în", "într", "și", "știu",
];

const RUSSIAN: &[&str] = &[
    "а", "без", "больше", "будет", "буду", "бы", "был", "была", "было", "быть", "в", "вам", "вас",
    "весь", "вечером", "во", "вообще", "вот", "времени", "время", "все", "всегда", "всё", "вчера",
    "вы", "где", "говорит", "говорить", "года", "да", "даже", "два", "делать", "день", "для",
    "дней", "дня", "до", "думаю", "его", "ее", "ей", "ему", "если", "есть", "еще", "ещё", "её",
    "же", "за", "завтра", "знаю", "и", "из", "или", "иногда", "их", "к", "каждый", "кажется",
    "как", "какой", "когда", "которые", "который", "кто", "лет", "ли", "лучше", "меньше", "меня",
    "мне", "много", "мной", "мог", "могла", "могу", "моего", "моей", "может", "можно", "мои",
    "моих", "мой", "мою", "моя", "моё", "мы", "на", "надо", "нам", "нами", "нас", "не", "ней",
    "нему", "нет", "ни", "нибудь", "никак", "никогда", "них", "ничего", "но", "ночью", "нравится",
    "ну", "нужно", "нём", "о", "об", "оба", "обоим", "он", "она", "они", "опять", "от", "очень",
    "по", "под", "пока", "понимаю", "потом", "потому", "почему", "правда", "при", "про", "просто",
    "раз", "с", "сам", "своего", "своей", "своим", "своими", "своих", "свою", "себе", "себя",
    "сегодня", "сейчас", "сказал", "сказала", "сначала", "снова", "со", "совсем", "стал", "стала",
    "так", "такое", "такой", "там", "тебе", "тебя", "тем", "теперь", "тех", "то", "тогда", "тоже",
    "той", "только", "тут", "ты", "у", "уже", "утром", "хорошо", "хочет", "хочется", "хочу",
    "чего", "чем", "через", "что", "чтобы", "это", "этого", "этой", "этом", "этот", "эту", "я",
];

const UKRAINIAN: &[&str] = &[
    "а", "або", "але", "без", "би", "був", "була", "було", "бути", "більше", "в", "вже", "вона",
    "вони", "все", "вчора", "від", "він", "говорити", "два", "день", "для", "дня", "до", "дуже",
    "думаю", "з", "за", "завжди", "завтра", "зараз", "знаю", "знову", "зі", "й", "його", "йому",
    "каже", "коли", "краще", "мабуть", "мати", "маю", "має", "мене", "менше", "мені", "ми", "може",
    "можна", "можу", "моя", "моє", "моєї", "мій", "на", "нам", "нас", "не", "нема", "немає", "нею",
    "неї", "ним", "них", "ну", "нього", "ні", "ніколи", "нічого", "по", "поговорити", "потрібно",
    "потім", "про", "просто", "раз", "робити", "роботи", "роках", "років", "свого", "свою",
    "своєї", "себе", "сказав", "сказала", "собі", "сьогодні", "та", "так", "там", "те", "тепер",
    "ти", "то", "тому", "треба", "тут", "тільки", "у", "хоче", "хочу", "це", "цей", "цього", "цю",
    "ця", "час", "часу", "чи", "чого", "чому", "ще", "що", "щоб", "я", "як", "який", "якщо", "є",
    "і", "їй", "їх", "її",
];

const BULGARIAN: &[&str] = &[
    "а", "аз", "ако", "без", "беше", "бъда", "в", "вече", "винаги", "все", "всичко", "вчера", "го",
    "да", "днес", "до", "доста", "е", "за", "защо", "защото", "знам", "и", "изобщо", "или", "има",
    "имам", "искам", "как", "какво", "като", "кога", "когато", "който", "ли", "ме", "мен", "ми",
    "мисля", "много", "мога", "може", "моя", "моята", "на", "нас", "не", "него", "нея", "ние",
    "никога", "нищо", "но", "няма", "нямам", "обаче", "от", "откъде", "пак", "по", "поне",
    "просто", "с", "са", "се", "сега", "си", "сигурно", "след", "сме", "съм", "със", "така", "там",
    "те", "ти", "то", "това", "този", "той", "трябва", "тук", "тя", "у", "утре", "че", "ще",
];

const SERBIAN: &[&str] = &[
    "а", "али", "без", "би", "било", "бих", "веома", "већ", "више", "га", "где", "да", "данас",
    "до", "добро", "желим", "за", "зато", "зашто", "знам", "и", "из", "или", "има", "имам", "кад",
    "када", "како", "као", "ко", "код", "ли", "ме", "мене", "ми", "мислим", "могу", "можда",
    "може", "морам", "мој", "моја", "моју", "на", "нам", "не", "нема", "нешто", "ни", "никад",
    "ништа", "но", "о", "од", "он", "она", "они", "опет", "по", "понекад", "са", "сада", "сам",
    "само", "сваки", "све", "сви", "се", "си", "смо", "су", "та", "тако", "те", "ти", "то", "тога",
    "тој", "у", "увек", "хоћу", "шта", "што", "ја", "је", "још", "њега", "њу",
];

const CZECH: &[&str] = &[
    "a", "ale", "ani", "asi", "by", "bych", "byl", "byla", "bylo", "chci", "co", "dnes", "do",
    "dobře", "ho", "hodně", "i", "jak", "jako", "je", "jeho", "její", "jen", "jestli", "ještě",
    "jsem", "jsi", "jsme", "jsou", "já", "k", "každý", "kde", "kdo", "kdy", "když", "která",
    "které", "který", "ma", "mi", "mně", "moc", "mohu", "moje", "možná", "myslím", "má", "mám",
    "mě", "můj", "může", "můžu", "na", "nad", "ne", "nebo", "nechci", "nemůžu", "nevím", "než",
    "nic", "nikdy", "o", "od", "on", "ona", "pak", "po", "pořád", "pro", "prostě", "proto",
    "protože", "před", "při", "s", "se", "si", "tak", "taky", "také", "tam", "ten", "teď", "to",
    "toho", "tom", "trochu", "u", "už", "v", "vlastně", "vím", "včera", "však", "vše", "vůbec",
    "vždy", "z", "za", "zase", "ze", "že",
];

const FINNISH: &[&str] = &[
    "aina", "ainakin", "ehkä", "ei", "eikä", "en", "enää", "et", "että", "haluan", "hyvin", "hän",
    "hänen", "itse", "ja", "jo", "joka", "jos", "jotain", "kai", "kaikki", "kanssa", "kertaa",
    "koska", "kuin", "kun", "kyllä", "luulen", "me", "mikä", "minua", "minulla", "minulle",
    "minun", "minä", "missä", "mistä", "mitä", "mulla", "mun", "mutta", "mä", "ne", "niin", "nyt",
    "ole", "olen", "oli", "olin", "olisi", "oma", "on", "paljon", "pitäisi", "pitää", "sanoi",
    "se", "sen", "siis", "siitä", "sitten", "sitä", "taas", "tai", "tiedä", "tosi", "tuntuu",
    "tämä", "tätä", "vaan", "vai", "vain", "vielä", "voi", "voin", "voisin", "yhtään", "ystävä",
];

const CROATIAN: &[&str] = &[
    "a", "ali", "bez", "bi", "bih", "bila", "bilo", "bio", "da", "danas", "do", "dobro", "ga",
    "gdje", "i", "ili", "ima", "imam", "iz", "ja", "jako", "je", "jer", "još", "kad", "kada",
    "kako", "kao", "ko", "kod", "koji", "me", "mene", "mi", "mislim", "mogu", "moj", "moja",
    "moju", "moram", "možda", "može", "na", "nakon", "ne", "nema", "nešto", "ni", "nije", "nikad",
    "ništa", "o", "od", "odakle", "on", "ona", "oni", "opet", "pa", "po", "previše", "s", "sa",
    "sad", "sada", "sam", "samo", "se", "si", "smo", "su", "svaki", "svaku", "sve", "svi", "ta",
    "tako", "te", "ti", "to", "toga", "u", "uvek", "uvijek", "već", "više", "vrlo", "za", "zato",
    "zašto", "znam", "šta", "što", "želim",
];

const HUNGARIAN: &[&str] = &[
    "a", "ahogy", "aki", "akkor", "ami", "amikor", "annyira", "az", "azt", "azért", "bár", "csak",
    "de", "egy", "egyszer", "el", "engem", "ennyi", "ez", "ezt", "fel", "ha", "hanem", "hiszem",
    "hogy", "hogyan", "hol", "igen", "is", "itt", "jó", "jól", "kell", "ki", "kicsit", "lehet",
    "lenne", "lesz", "ma", "meg", "mert", "mi", "minden", "mindig", "mint", "mit", "miért", "most",
    "már", "még", "nagyon", "ne", "nekem", "neki", "nem", "nincs", "olyan", "ott", "pedig", "sem",
    "semmi", "soha", "sok", "sokat", "szeretnék", "szerintem", "talán", "tegnap", "tehát", "tudok",
    "tudom", "vagy", "vagyok", "van", "vele", "volt", "én", "és", "úgy", "újra", "ő",
];

const INDONESIAN: &[&str] = &[
    "ada", "adalah", "agar", "akan", "aku", "anda", "apa", "atau", "bagaimana", "banyak", "baru",
    "belum", "bisa", "bukan", "dalam", "dan", "dari", "dengan", "di", "dia", "hanya", "hari",
    "harus", "ini", "itu", "jadi", "jangan", "juga", "kalau", "kami", "kamu", "karena", "ke",
    "kenapa", "kita", "lagi", "lebih", "mana", "masih", "mau", "merasa", "mereka", "mulai",
    "mungkin", "nggak", "oleh", "orang", "pada", "pernah", "saat", "saja", "sama", "sangat",
    "saya", "sebagai", "sedang", "sekarang", "selalu", "semua", "seperti", "setiap", "sudah",
    "supaya", "tahu", "tapi", "tetapi", "tidak", "untuk", "yang",
];
