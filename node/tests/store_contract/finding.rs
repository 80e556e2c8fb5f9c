//! Finding documents by words, kind, cycle and facets: the same on both databases.

use cairn_node::store::Indexed;

use crate::{
    databases::Db,
    samples::{PLAIN, document, facets, filter, found, save, save_note},
};

contracts!(
    a_word_is_found_by_its_beginning,
    all_words_must_be_there,
    words_end_at_what_is_not_alphanumeric,
    words_of_any_script_are_found,
    syntax_is_harmless,
    without_words_the_filter_decides,
    words_kind_cycle_and_facets_together,
    properties_are_no_words,
    values_of_a_facet_come_once_and_in_the_order_of_their_bytes,
);

async fn all(db: &Db, words: &[&str]) -> Vec<String> {
    found(db, words, &filter(None, None, &[])).await
}

async fn a_word_is_found_by_its_beginning(db: Db) {
    save_note(&db, "a", "calm mornings in the school").await;
    save_note(&db, "b", "a calmer school").await;
    for beginning in ["c", "cal", "calm"] {
        assert_eq!(all(&db, &[beginning]).await, ["b", "a"], "{beginning}");
    }
    assert_eq!(all(&db, &["calme"]).await, ["b"]);
    assert_eq!(all(&db, &["morning"]).await, ["a"]);
    for none in ["calmest", "alm", "schools", "z"] {
        assert!(all(&db, &[none]).await.is_empty(), "{none}");
    }
}

async fn all_words_must_be_there(db: Db) {
    save_note(&db, "a", "calm mornings in the school").await;
    save_note(&db, "b", "the school in the evening").await;
    assert_eq!(all(&db, &["school", "the"]).await, ["b", "a"]);
    assert_eq!(all(&db, &["school", "calm"]).await, ["a"]);
    assert_eq!(all(&db, &["morn", "the", "sch", "in", "in"]).await, ["a"]);
    assert!(all(&db, &["calm", "evening"]).await.is_empty());
}

async fn words_end_at_what_is_not_alphanumeric(db: Db) {
    save_note(&db, "a", "co-design, anna.b@town.example/path_to 3.5 1e5 x'y ½ 007 -12").await;
    for words in
        ["co", "design", "anna", "b", "town", "example", "path", "to", "3", "5", "1e5", "y", "½", "007", "12"]
    {
        assert_eq!(all(&db, &[words]).await, ["a"], "{words}");
    }
    assert_eq!(all(&db, &["co-design"]).await, ["a"]);
    assert_eq!(all(&db, &["anna.b@town.example"]).await, ["a"]);
    for none in ["codesign", "7", "e5"] {
        assert!(all(&db, &[none]).await.is_empty(), "{none}");
    }
}

/// Accents were taken away by whoever hands in the words; those of other scripts are letters.
async fn words_of_any_script_are_found(db: Db) {
    save_note(&db, "arabic", "تحسين المدرسة الجديدة").await;
    save_note(&db, "hebrew", "בית ספר חדש").await;
    save_note(&db, "hindi", "विद्यालय में सुबह").await;
    save_note(&db, "greek", "σχολειο το πρωι").await;
    save_note(&db, "chinese", "學校 早晨").await;
    save_note(&db, "folded", "ecole creche").await;
    save_note(&db, "not folded", "école").await;
    for (beginning, id) in [
        ("المد", "arabic"),
        ("ספר", "hebrew"),
        ("विद्यालय", "hindi"),
        ("σχολ", "greek"),
        ("學", "chinese"),
        ("ecol", "folded"),
        ("écol", "not folded"),
    ] {
        assert_eq!(all(&db, &[beginning]).await, [id]);
    }
    assert_eq!(all(&db, &["חדש", "בית"]).await, ["hebrew"]);
    assert!(all(&db, &["درسة"]).await.is_empty());
}

/// Nothing that is typed is read as the language of a query, on either database.
async fn syntax_is_harmless(db: Db) {
    save_note(&db, "a", "calm and near school or not").await;
    save_note(&db, "b", "calm").await;
    for sign in [
        "'", "\"", "\\", "*", ":*", "&", "|", "!", "(", ")", "<->", "^", "+", "-", "{", "}", ":", ",", ";",
        "%", "_", "--", "/*", "\0", "\u{e000}", "$1", "''", "\"\"", "\\'", "words:", "rank:", "~", "?",
        "\u{202e}", "\n",
    ] {
        for word in [format!("calm{sign}"), format!("{sign}calm"), format!("{sign}calm{sign}{sign}")] {
            let searched: Vec<&str> = word.split("$1").collect();
            let hits = all(&db, &searched).await;
            let other = sign.contains(char::is_alphanumeric) && sign != "$1";
            let expected: &[&str] = if other { &[] } else { &["b", "a"] };
            assert_eq!(hits, expected, "{word:?}");
        }
        assert_eq!(
            all(&db, &["calm", sign.trim_matches(char::is_alphanumeric)]).await,
            ["b", "a"],
            "{sign:?}"
        );
    }
    for words in
        [["calm", "AND"], ["NEAR", "calm"], ["or", "NOT"], ["calm OR", "school"], ["near(calm", "school,2)"]]
    {
        let lower = words.map(str::to_lowercase);
        let expected: &[&str] = if words[1] == "school,2)" { &[] } else { &["a"] };
        assert_eq!(all(&db, &[&lower[0], &lower[1]]).await, expected, "{words:?}");
        assert_eq!(all(&db, &words).await, expected, "{words:?}");
    }
    assert_eq!(all(&db, &["calm' OR 1=1 --"]).await, <[&str; 0]>::default());
}

async fn without_words_the_filter_decides(db: Db) {
    save_note(&db, "a", "calm").await;
    save(&db, &document("session", "b", 1), &PLAIN).await;
    assert_eq!(all(&db, &[]).await, ["b", "a"]);
    assert_eq!(all(&db, &["", " ", "\"*\""]).await, ["b", "a"]);
    assert_eq!(found(&db, &[], &filter(Some("session"), None, &[])).await, ["b"]);
    assert_eq!(found(&db, &["?"], &filter(Some("note"), None, &[])).await, ["a"]);
}

async fn words_kind_cycle_and_facets_together(db: Db) {
    let (early, late) = (facets(&[("stage", "early"), ("theme", "calm")]), facets(&[("stage", "late")]));
    for (id, kind, cycle, facets, text) in [
        ("all", "note", Some("c"), &early, "calm school"),
        ("kind", "session", Some("c"), &early, "calm school"),
        ("cycle", "note", Some("d"), &early, "calm school"),
        ("none", "note", None, &early, "calm school"),
        ("facet", "note", Some("c"), &late, "calm school"),
        ("words", "note", Some("c"), &early, "calm evening"),
    ] {
        save(&db, &document(kind, id, 1), &Indexed { cycle, facets, text, ..PLAIN }).await;
    }
    let both = [("theme", "calm"), ("stage", "early")];
    assert_eq!(found(&db, &["scho", "calm"], &filter(Some("note"), Some("c"), &both)).await, ["all"]);
    assert_eq!(found(&db, &["calm"], &filter(Some("note"), Some("c"), &both)).await, ["words", "all"]);
    assert_eq!(found(&db, &["scho"], &filter(None, Some("c"), &both)).await, ["kind", "all"]);
    assert_eq!(found(&db, &["scho"], &filter(Some("note"), None, &both)).await, ["none", "cycle", "all"]);
    assert_eq!(found(&db, &["scho"], &filter(Some("note"), Some("c"), &[])).await, ["facet", "all"]);
    assert_eq!(found(&db, &[], &filter(Some("note"), Some("c"), &both)).await, ["words", "all"]);
}

/// Who types the name of a kind or a value of a facet finds words only.
async fn properties_are_no_words(db: Db) {
    let facets = facets(&[("stage", "early"), ("ab", "c")]);
    let indexed = Indexed { title: "title", cycle: Some("cycle"), facets: &facets, text: "calm", ..PLAIN };
    save(&db, &document("note", "a", 1), &indexed).await;
    for word in ["note", "a", "title", "cycle", "early", "stage", "author", "\u{e000}"] {
        let expected: &[&str] = if word == "\u{e000}" { &["a"] } else { &[] };
        assert_eq!(all(&db, &[word]).await, expected, "{word}");
    }
    for pair in [("a", "bc"), ("abc", ""), ("", "abc"), ("note", "ab"), ("kind", "note"), ("early", "stage")]
    {
        assert!(found(&db, &[], &filter(None, None, &[pair])).await.is_empty(), "{pair:?}");
    }
    assert_eq!(found(&db, &[], &filter(None, None, &[("ab", "c")])).await, ["a"]);
}

async fn values_of_a_facet_come_once_and_in_the_order_of_their_bytes(db: Db) {
    let values = ["", "-x", "B", "Z a", "a", "a b", "aa", "b", "é", "\u{1f331}"];
    for (n, value) in values.iter().rev().chain(&values).enumerate() {
        let facets = facets(&[("theme", value), ("other", "x"), ("theme", value)]);
        let kind = if *value == "b" || n % 3 == 0 { "note" } else { "session" };
        save(&db, &document(kind, &format!("{n}"), 1), &Indexed { facets: &facets, ..PLAIN }).await;
    }
    save(&db, &document("cycle", "c", 1), &Indexed { facets: &facets(&[("theme", "b")]), ..PLAIN }).await;
    let mut tx = db.read().await;
    assert_eq!(tx.facet_values("theme", None).await.unwrap(), values);
    assert_eq!(tx.facet_values("theme", Some("cycle")).await.unwrap(), ["b"]);
    assert_eq!(tx.facet_values("other", Some("note")).await.unwrap(), ["x"]);
    assert!(tx.facet_values("other", Some("cycle")).await.unwrap().is_empty());
    assert!(!tx.facet_values("theme", Some("session")).await.unwrap().contains(&"b".to_owned()));
    assert!(tx.facet_values("Theme", None).await.unwrap().is_empty());
}
