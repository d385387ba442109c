//! The language of the interface: Vietnamese as it is written in templates and code, or English out of one
//! catalogue.
//!
//! Vietnamese is the source. A text is looked up by what it says in Vietnamese when a page is drawn, so that whoever
//! writes a page, or an error message far from any page, writes Vietnamese and knows of no other language. What
//! units and citizens wrote is not translated; it is marked with its language where the interface speaks another.

mod catalogue;
mod english;
// The macro gives each filter a method that says `pub`.
#[allow(unreachable_pub)]
pub(crate) mod filters;
#[cfg(test)]
mod tests;

use askama::Values;
use catalogue::CATALOGUE;
use chrono::{DateTime, Utc};
use std::any::Any;
use std::borrow::Cow;

/// What a page is drawn with besides its own contents: under this name the filters find the language.
const KEY: &str = "language";

/// A language the interface speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// As it is written.
    #[default]
    Vietnamese,
    /// Out of the catalogue.
    English,
}

impl Language {
    /// All of them, by their own names.
    pub const ALL: [(Self, &'static str); 2] =
        [(Self::Vietnamese, "Tiếng Việt"), (Self::English, "English")];

    /// As HTML and the cookie name it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    /// The language of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter().map(|(language, _)| language);
        all.find(|language| language.code() == code)
    }

    /// `text` of the interface; as it is where the catalogue does not know it, such as the name of a section that a
    /// unit chose.
    pub fn word(self, text: &str) -> &str {
        match self {
            Self::Vietnamese => text,
            Self::English => CATALOGUE.word(text).unwrap_or(text),
        }
    }

    /// A sentence that code made of words and values, such as an error message; as it is if none has its shape.
    pub fn told(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Vietnamese => Cow::Borrowed(text),
            Self::English => match CATALOGUE.told(text) {
                Some(english) => Cow::Owned(english),
                None => Cow::Borrowed(text),
            },
        }
    }

    /// `sentence` with `values` in its places, which are written `{}`.
    pub fn say(self, sentence: &str, values: &[&str]) -> String {
        catalogue::fill(self.word(sentence), values)
    }

    /// The title of page `number` of the list `heading`.
    pub fn page_of(self, heading: &str, number: u32) -> String {
        self.say("{} – Trang {}", &[self.word(heading), &number.to_string()])
    }

    /// A day with its weekday, as it stands above every page.
    pub fn long_date(self, time: DateTime<Utc>) -> String {
        match self {
            Self::Vietnamese => crate::vietnamese::long_date(time),
            Self::English => english::long_date(crate::vietnamese::local(time).date_naive()),
        }
    }

    /// Whether `text` is of the interface, and so in this language.
    fn speaks(self, text: &str) -> bool {
        match self {
            Self::Vietnamese => true,
            Self::English => text.is_ascii() || CATALOGUE.word(text).is_some(),
        }
    }

    /// The language `values` name; Vietnamese where a page is drawn for nobody in particular.
    fn of(values: &dyn Values) -> Self {
        askama::get_value::<Self>(values, KEY)
            .copied()
            .unwrap_or_default()
    }
}

impl Values for Language {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == KEY).then_some(self as &dyn Any)
    }
}
