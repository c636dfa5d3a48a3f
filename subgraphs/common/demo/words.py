"""What reviews say: by language, for 1 to 5 stars; `{app}` stands for the product's name."""

Words = dict[str, tuple[tuple[str, ...], ...]]

TITLES: Words = {
    "en": (
        ("Not for me", "Crashes on start", "Asked for my money back"),
        ("Could be better", "Promising, but slow", "Needs work"),
        ("Does the job", "All right", "Good idea, rough edges"),
        ("Very useful", "Nearly perfect", "Glad I bought it"),
        ("Use it every day", "Outstanding 🚀", "Best of its kind", "Worth every cent"),
    ),
    "de": (
        ("Enttäuschend", "Stürzt ständig ab"),
        ("Ausbaufähig", "Zu langsam für große Dateien"),
        ("Erfüllt seinen Zweck", "Ganz ordentlich"),
        ("Sehr nützlich", "Fast perfekt"),
        ("Täglich im Einsatz", "Größte Empfehlung!", "Rundum zufrieden"),
    ),
    "fr": (
        ("Très déçu", "Ne démarre même pas"),
        ("Peut mieux faire", "Trop lent à l'usage"),
        ("Correct, sans plus", "Fait le travail"),
        ("Très pratique", "Presque parfait"),
        ("Je ne peux plus m'en passer", "Excellent à tout point de vue"),
    ),
    "es": (
        ("Una decepción", "No funciona en mi equipo"),
        ("Le falta mucho", "Lento y con fallos"),
        ("Cumple, sin más", "Está bien"),
        ("Muy útil", "Casi perfecto"),
        ("¡Lo uso a diario!", "Imprescindible"),
    ),
    "ja": (
        ("期待外れでした", "起動しません"),
        ("改善の余地あり", "動作が遅い"),
        ("まあまあ", "普通に使えます"),
        ("とても便利", "ほぼ完璧"),
        ("毎日使っています", "最高のアプリ🎉"),
    ),
}

BODIES: Words = {
    "en": (
        (
            "{app} closed itself three times on the first day. I gave up.",
            "The description promises more than {app} does. Support did answer, but could not help.",
        ),
        (
            "I like what {app} tries to do, but opening a larger project takes a minute.",
            "Half of the menus are not translated, and the settings of {app} do not survive an update.",
        ),
        (
            "{app} does what it says. Nothing more, nothing less.",
            "Good for small tasks; for the daily work I would like more keyboard shortcuts in {app}.",
        ),
        (
            "A few clicks less would make {app} perfect. Would buy again.",
            "Set up in five minutes, and our team of four has used {app} ever since.",
        ),
        (
            "I have tried a dozen of these, and {app} is the first that stayed.",
            "Fast, quiet, and it looks good. {app} has saved me hours every week.",
            "Bought {app} for myself, then for the whole office. Updates come regularly.",
        ),
    ),
    "de": (
        ("{app} lässt sich auf meinem Rechner nicht starten. Schade ums Geld.",),
        ("Die Idee hinter {app} ist gut, aber größere Projekte öffnen sich quälend langsam.",),
        ("{app} tut, was es soll. Für den Büroalltag fehlen mir ein paar Tastenkürzel.",),
        ("Schnell eingerichtet, übersichtlich, fair im Preis. {app} bleibt bei uns.",),
        ("Seit wir {app} benutzen, ist Ordnung eingekehrt. Klare Empfehlung, auch für Anfänger.",),
    ),
    "fr": (
        ("{app} plante dès l'ouverture. Remboursement demandé.",),
        ("L'idée est bonne, mais {app} reste bien trop lent avec de gros fichiers.",),
        ("{app} fait ce qu'on lui demande, rien de plus. L'aide mériterait d'être complétée.",),
        ("Simple, efficace, bien pensé. Quelques raccourcis en plus et {app} serait parfait.",),
        ("Après des années de recherche, j'ai enfin trouvé : {app} est exactement ce qu'il me fallait.",),
    ),
    "es": (
        ("{app} se cierra solo cada pocos minutos. No lo recomiendo.",),
        ("La idea es buena, pero {app} todavía va muy lento en mi portátil.",),
        ("{app} cumple con lo básico. Echo de menos más opciones de configuración.",),
        ("Fácil de instalar y de usar. {app} ya forma parte de mi trabajo.",),
        ("¡Qué maravilla! Con {app} termino en una hora lo que antes me llevaba la mañana.",),
    ),
    "ja": (
        ("{app}を購入しましたが、すぐに落ちてしまいます。",),
        ("{app}は面白い発想ですが、大きなファイルでは重すぎます。",),
        ("{app}は必要最低限のことはできます。もう少し設定項目が欲しいです。",),
        ("導入が簡単で見た目もきれいです。{app}を同僚にも勧めました。",),
        ("いろいろ試しましたが、{app}が一番使いやすいです。サポートも丁寧でした。",),
    ),
}
