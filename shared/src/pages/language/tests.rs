//! The catalogue against what templates and code say: nothing is missing, and nothing is left over.

use super::Language;
use super::catalogue::{self, Written};
use crate::citizens::guard::Held;
use crate::citizens::thread::State;
use crate::entries::kinds::consultation::Stage;
use crate::entries::kinds::validity::Validity;
use crate::pages::templates::drawn_in;
use crate::pages::view::Explanation;
use crate::vietnamese;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Templates of the back office that public pages call too.
const SHARED_WITH_DESK: [&str; 1] = ["newsroom/desk_parts.html"];
/// Templates without words.
const WORDLESS: [&str; 1] = ["icons.html"];

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn written() -> Written {
    toml::from_str(catalogue::SOURCE).expect("english.toml can be read")
}

fn files_in(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() && path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn all_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = files_in(folder, ending);
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(all_below(&path, ending));
        }
    }
    found
}

/// The public templates, by name.
fn templates() -> Vec<(String, String)> {
    let folder = crate_folder().join("templates");
    let mut paths = files_in(&folder, ".html");
    paths.extend(files_in(&folder.join("citizens"), ".html"));
    paths.extend(SHARED_WITH_DESK.map(|name| folder.join(name)));
    let named = paths.into_iter().map(|path| {
        let name = path.strip_prefix(&folder).expect("below the folder");
        let source = fs::read_to_string(&path).expect("a template");
        (name.to_string_lossy().into_owned(), source)
    });
    named
        .filter(|(name, _)| !WORDLESS.contains(&name.as_str()))
        .collect()
}

fn is_vietnamese(text: &str) -> bool {
    text.chars().any(|sign| {
        let folded = vietnamese::fold(&sign.to_string());
        sign.is_alphabetic() && !sign.is_ascii() && folded.is_ascii()
    })
}

/// A template taken apart.
#[derive(Default)]
struct Parts {
    /// What is sent as it is written.
    plain: String,
    /// The texts within expressions, each with the filter that follows.
    texts: Vec<(String, String)>,
}

fn taken_apart(source: &str) -> Parts {
    let mut parts = Parts::default();
    let mut rest = source;
    while let Some(start) = ["{#", "{{", "{%"]
        .iter()
        .filter_map(|sign| rest.find(sign))
        .min()
    {
        parts.plain.push_str(&rest[..start]);
        let (opening, inner) = rest[start..].split_at(2);
        rest = match opening {
            "{#" => inner.split_once("#}").expect("a comment ends").1,
            "{{" => expression(inner, "}}", &mut parts.texts),
            _ => expression(inner, "%}", &mut parts.texts),
        };
    }
    parts.plain.push_str(rest);
    parts
}

/// Collects the texts of an expression; what follows its end is left.
fn expression<'a>(inner: &'a str, end: &str, texts: &mut Vec<(String, String)>) -> &'a str {
    let mut rest = inner;
    loop {
        let ends = rest.find(end).expect("an expression ends");
        match rest.find('"').filter(|quote| *quote < ends) {
            None => return &rest[ends + end.len()..],
            Some(quote) => {
                let (text, after) = quoted(&rest[quote + 1..]);
                let filter = after.strip_prefix('|').unwrap_or_default();
                let name: String = filter
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect();
                texts.push((text, name));
                rest = after;
            }
        }
    }
}

/// A text up to its closing quotation mark, as the program reads it, and what follows.
fn quoted(source: &str) -> (String, &str) {
    let mut text = String::new();
    let mut signs = source.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return (text, &source[at + 1..]),
            '\\' => match signs.next() {
                Some((_, '\n')) => {
                    let (more, after) = quoted(signs.as_str().trim_start());
                    return (text + &more, after);
                }
                Some((_, escaped)) => text.push(escaped),
                None => break,
            },
            other => text.push(other),
        }
    }
    (text, "")
}

/// The texts of a Rust file.
fn texts_of_code(source: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = source;
    while let Some(at) = ["//", "'\"'", "r#\"", "\""]
        .iter()
        .filter_map(|sign| rest.find(sign))
        .min()
    {
        let here = &rest[at..];
        rest = if here.starts_with("//") {
            here.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(after) = here.strip_prefix("'\"'") {
            after
        } else if let Some(raw) = here.strip_prefix("r#\"") {
            let (inner, after) = raw.split_once("\"#").unwrap_or((raw, ""));
            // A template within a program has texts of its own.
            texts.extend(inner.split('"').map(str::to_owned));
            after
        } else {
            let (text, after) = quoted(&here[1..]);
            texts.push(text);
            after
        };
    }
    texts
}

/// A text as it is compared: whatever its places are called, and wherever in a sentence it stands.
fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut rest = text;
    while let Some((before, place)) = rest.split_once('{') {
        shape.push_str(before);
        shape.push_str("{}");
        rest = place.split_once('}').map_or("", |(_, after)| after);
    }
    shape.push_str(rest);
    shape.trim_end_matches('.').to_lowercase()
}

#[test]
fn every_text_of_a_public_template_has_its_english() {
    let written = written();
    for (name, source) in templates() {
        for (text, filter) in taken_apart(&source).texts {
            let is_said = filter == "t" || filter.starts_with("part");
            if is_said || is_vietnamese(&text) {
                assert!(
                    written.words.contains_key(&text),
                    "english.toml lacks “{text}” of {name}"
                );
            }
        }
    }
}

#[test]
fn no_public_template_says_anything_past_the_catalogue() {
    for (name, source) in templates() {
        let mut plain = taken_apart(&source).plain;
        for (_, own_name) in Language::ALL {
            plain = plain.replace(own_name, "");
        }
        for line in plain.lines() {
            assert!(
                !is_vietnamese(line),
                "{name} has words without a filter: {}",
                line.trim()
            );
        }
    }
}

#[test]
fn a_sentence_with_places_is_said_whole_in_both_languages() {
    let written = written();
    for (name, source) in templates() {
        let mut said: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (text, filter) in taken_apart(&source).texts {
            if let Some(number) = filter.strip_prefix("part") {
                let number: usize = number.parse().expect("a number of a part");
                said.entry(text).or_default().insert(number);
            }
        }
        for (sentence, numbers) in said {
            let english = written.words.get(&sentence).cloned().unwrap_or_default();
            for (number, part) in (1..)
                .zip(sentence.split("{}"))
                .chain((1..).zip(english.split("{}")))
            {
                assert!(
                    part.is_empty() || numbers.contains(&number),
                    "{name} leaves out part {number} of “{sentence}”: “{part}”"
                );
            }
        }
    }
}

#[test]
fn both_languages_have_the_same_places() {
    let written = written();
    for (sentence, english) in written.words.iter().chain(&written.told) {
        let places = |text: &str| text.matches("{}").count();
        assert_eq!(places(sentence), places(english), "“{sentence}”");
        assert!(!english.trim().is_empty(), "“{sentence}” has no English");
    }
    for sentence in written.told.keys() {
        assert!(sentence.contains("{}"), "“{sentence}” is a word");
    }
}

#[test]
fn nothing_in_the_catalogue_is_said_by_nobody() {
    let mut said: BTreeSet<String> = BTreeSet::new();
    for (_, source) in templates() {
        let texts = taken_apart(&source).texts;
        said.extend(texts.iter().map(|(text, _)| shape(text)));
    }
    let root = crate_folder().parent().expect("the workspace");
    for folder in ["shared/src", "hub/src", "member-site/src"] {
        for path in all_below(&root.join(folder), ".rs") {
            let name = path.to_string_lossy().into_owned();
            if name.ends_with("tests.rs") || name.ends_with("samples.rs") {
                continue;
            }
            let source = fs::read_to_string(&path).expect("a source");
            said.extend(texts_of_code(&source).iter().map(|text| shape(text)));
        }
    }
    let sections = fs::read_to_string(root.join("hub/data/sections.toml")).expect("the sections");
    said.extend(texts_of_code(&sections).iter().map(|text| shape(text)));
    let written = written();
    let unsaid: Vec<&String> = written
        .words
        .keys()
        .chain(written.told.keys())
        .filter(|sentence| !said.contains(&shape(sentence)))
        .collect();
    assert!(unsaid.is_empty(), "nobody says {unsaid:#?}");
}

#[test]
fn what_code_says_has_its_english() {
    let mut said: Vec<String> = Vec::new();
    said.extend(crate::entries::Kind::ALL.map(|kind| kind.label().to_owned()));
    said.extend(crate::bulletins::Level::ALL.map(|level| level.label().to_owned()));
    said.extend(State::ALL.map(|state| state.label().to_owned()));
    for status in [400, 401, 403, 404, 405, 408, 410, 413, 429, 500, 503, 507] {
        let explanation = Explanation::of(status);
        said.extend([explanation.heading, explanation.text]);
        said.extend(explanation.ways_on.into_iter().map(|way| way.label));
    }
    let day = chrono::NaiveDate::from_ymd_opt(2026, 12, 1).expect("a day");
    for stage in [
        Stage::Coming,
        Stage::Open { days_left: 0 },
        Stage::Open { days_left: 3 },
        Stage::Closed,
    ] {
        said.push(stage.in_words());
    }
    for validity in [
        Validity::InForce,
        Validity::NotYet(day),
        Validity::Ended(day),
    ] {
        said.push(validity.in_words());
    }
    said.extend([Held::Form, Held::TooMany].map(|held| held.to_string()));
    for text in said.iter().filter(|text| is_vietnamese(text)) {
        let english = Language::English.told(text);
        assert!(
            !is_vietnamese(&english),
            "english.toml lacks “{text}”: {english}"
        );
    }
}

#[test]
fn values_are_put_into_sentences_of_either_language() {
    let page = |language: Language| language.page_of("Tin tức", 2);
    assert_eq!(page(Language::Vietnamese), "Tin tức – Trang 2");
    assert_eq!(page(Language::English), "News – Page 2");
    let due = "Hạn 03/07/2026, còn 1 ngày";
    assert_eq!(Language::Vietnamese.told(due), due);
    assert_eq!(Language::English.told(due), "Due 3 July 2026, 1 day left");
    let own = "Chuyện làng Kon Brăp Ju";
    assert_eq!(Language::English.word(own), own);
}

/// Elements without an end.
const VOID: [&str; 10] = [
    "meta", "link", "input", "img", "br", "hr", "source", "track", "path", "use",
];

/// English pages have no Vietnamese in them that is not marked as such. Sentences that name a unit are English.
#[test]
fn an_english_page_marks_what_is_vietnamese() {
    let mut left: Vec<String> = Vec::new();
    for (page, html) in drawn_in(Language::English) {
        if page.starts_with("quan-tri") {
            continue;
        }
        assert!(html.contains("<html lang=\"en\""), "{page}");
        let body = html.split_once("<body").expect("a body").1;
        let mut open: Vec<(String, String)> = vec![("html".to_owned(), "en".to_owned())];
        for piece in body.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
            let name: String = tag
                .trim_start_matches('/')
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            if tag.starts_with('/') {
                while open.pop().is_some_and(|(opened, _)| opened != name) {}
            } else {
                let around = open
                    .last()
                    .map(|(_, lang)| lang.clone())
                    .unwrap_or_default();
                let lang = attribute(tag, "lang").unwrap_or(&around).to_owned();
                if lang == "en" {
                    for told in ["aria-label", "alt", "title", "placeholder", "data-label"] {
                        let value = attribute(tag, told).unwrap_or_default();
                        if is_left(value) {
                            left.push(format!("{told} of {page}: {value}"));
                        }
                    }
                }
                if !tag.ends_with('/') && !VOID.contains(&name.as_str()) {
                    open.push((name, lang));
                }
            }
            let is_english = open.last().is_some_and(|(name, lang)| {
                // What readers typed is theirs.
                lang == "en" && !["textarea", "script"].contains(&name.as_str())
            });
            if is_english && is_left(text) {
                left.push(format!("{page} says {}", text.trim()));
            }
        }
    }
    assert!(left.is_empty(), "left in Vietnamese: {left:#?}");
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split('"').next()
}

/// Whether a text was left in Vietnamese, and is no English one that names somebody.
fn is_left(text: &str) -> bool {
    let english = [
        " to ", " by ", " of ", " the ", " for ", " and ", " from ", " or ",
    ];
    is_vietnamese(text) && !english.iter().any(|word| text.contains(word))
}
