//! The catalogue of `english.toml`: what the interface says, in Vietnamese and in English.

use super::english;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Read once. That it can be read is shown by a test; a server would rather speak Vietnamese than not start.
pub(super) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::read(SOURCE).unwrap_or_else(|error| {
        tracing::error!(%error, "the English catalogue cannot be read");
        Catalogue::default()
    })
});

/// The file itself.
pub(super) const SOURCE: &str = include_str!("english.toml");

/// How deep a sentence may stand in a place of another.
const DEEPEST: u8 = 2;

/// The file, as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    /// What templates and code say as it stands, and sentences templates put together.
    pub(super) words: HashMap<String, String>,
    /// Sentences that arrive with values in them already.
    pub(super) told: HashMap<String, String>,
}

/// The file, ready to be asked.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    words: HashMap<String, String>,
    shapes: Vec<Shape>,
}

/// A sentence with places, recognised by what stands around them.
#[derive(Debug)]
struct Shape {
    around: Vec<String>,
    english: String,
}

impl Catalogue {
    fn read(source: &str) -> Result<Self, toml::de::Error> {
        let written: Written = toml::from_str(source)?;
        let shape = |(sentence, english): (String, String)| Shape {
            around: sentence.split("{}").map(str::to_owned).collect(),
            english,
        };
        let mut shapes: Vec<Shape> = written.told.into_iter().map(shape).collect();
        // The one that says most is meant: “Đang mở, còn {} ngày” before any “Đang mở, {}”.
        shapes.sort_by_key(|shape| {
            let letters: usize = shape.around.iter().map(String::len).sum();
            (std::cmp::Reverse(letters), shape.around.clone())
        });
        Ok(Self {
            words: written.words,
            shapes,
        })
    }

    /// The English of a text that is known as it stands.
    pub(super) fn word(&self, text: &str) -> Option<&str> {
        self.words.get(text).map(String::as_str)
    }

    /// The English of a text that is known as it stands, by its shape, or as a date or a number.
    pub(super) fn told(&self, text: &str) -> Option<String> {
        self.told_within(text, DEEPEST)
    }

    fn told_within(&self, text: &str, depth: u8) -> Option<String> {
        if let Some(word) = self.word(text) {
            return Some(word.to_owned());
        }
        if let Some(value) = english::value(text) {
            return Some(value);
        }
        let depth = depth.checked_sub(1)?;
        let (shape, values) = self
            .shapes
            .iter()
            .find_map(|shape| Some((shape, shape.values_in(text)?)))?;
        let values: Vec<String> = values
            .into_iter()
            .map(|value| match self.told_within(value, depth) {
                Some(english) => english,
                None => value.to_owned(),
            })
            .collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        Some(fill(&shape.english, &values))
    }
}

impl Shape {
    /// What stands in the places, if `text` is such a sentence.
    fn values_in<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (first, others) = self.around.split_first()?;
        let mut rest = text.strip_prefix(first.as_str())?;
        let Some((last, between)) = others.split_last() else {
            return rest.is_empty().then(Vec::new);
        };
        let mut values = Vec::with_capacity(others.len());
        for words in between {
            let (value, after) = rest.split_once(words.as_str())?;
            values.push(value);
            rest = after;
        }
        values.push(rest.strip_suffix(last.as_str())?);
        let is_whole = values.iter().all(|value| !value.is_empty());
        is_whole.then_some(values)
    }
}

/// `sentence` with `values` in its places, in their order: `{}`. A place `{day|days}` takes the first word after the
/// value `1` and the second after any other.
pub(super) fn fill(sentence: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let (mut text, mut rest, mut last) = (String::new(), sentence, "");
    while let Some((before, place)) = rest.split_once('{') {
        text.push_str(before);
        let (inner, after) = place.split_once('}').unwrap_or((place, ""));
        match inner.split_once('|') {
            Some((one, _)) if last == "1" => text.push_str(one),
            Some((_, many)) => text.push_str(many),
            None => {
                last = values.next().copied().unwrap_or_default();
                text.push_str(last);
            }
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        let source = r#"
            [words]
            "đơn vị khác" = "another unit"
            [told]
            "Hạn {}, còn {} ngày" = "Due {}, {} {day|days} left"
            "Hạn {}" = "Due {}"
            "Chuyển tới {}" = "Passed on to {}"
            "{} Mã yêu cầu: {}." = "{} Request: {}."
        "#;
        Catalogue::read(source).expect("a catalogue")
    }

    #[test]
    fn a_sentence_is_known_by_its_shape_and_its_values_are_worded_too() {
        let told = |text| catalogue().told(text);
        assert_eq!(
            told("Hạn 03/07/2026, còn 1 ngày").as_deref(),
            Some("Due 3 July 2026, 1 day left")
        );
        assert_eq!(
            told("Hạn 03/07/2026, còn 12 ngày").as_deref(),
            Some("Due 3 July 2026, 12 days left")
        );
        assert_eq!(told("Hạn 03/07/2026").as_deref(), Some("Due 3 July 2026"));
        assert_eq!(
            told("Chuyển tới đơn vị khác").as_deref(),
            Some("Passed on to another unit")
        );
        assert_eq!(
            told("Chuyển tới đơn vị khác Mã yêu cầu: 7.").as_deref(),
            Some("Passed on to another unit Request: 7.")
        );
        for unknown in ["Hạn ", "Hẹn 03", "Làm đường thôn 9", ""] {
            assert_eq!(told(unknown), None, "{unknown}");
        }
    }
}
