//! Where the entries of a foreign portal stand, as the province decided for its source.

use serde::{Deserialize, Serialize};
use shared::vietnamese::fold;
use std::collections::BTreeMap;

/// Where entries stand that nobody decided about.
pub const USUAL: &str = "tin-tu-xa";

/// A source's mapping from what it files its entries under to our sections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sections {
    /// For entries that no tag decides about.
    #[serde(default = "usual")]
    pub otherwise: String,
    /// Section by tag; case and accents do not matter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_tag: BTreeMap<String, String>,
}

fn usual() -> String {
    USUAL.to_owned()
}

impl Default for Sections {
    fn default() -> Self {
        Self {
            otherwise: usual(),
            by_tag: BTreeMap::new(),
        }
    }
}

impl Sections {
    /// Every section it names.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.by_tag
            .values()
            .chain([&self.otherwise])
            .map(String::as_str)
    }

    /// The section of an entry filed under `tags`; the first that is mapped decides.
    pub fn of(&self, tags: &[String]) -> &str {
        let mapped = tags.iter().find_map(|tag| {
            let tag = fold(tag.trim());
            self.by_tag
                .iter()
                .find(|(mapped, _)| fold(mapped.trim()) == tag)
        });
        mapped.map_or(&self.otherwise, |(_, section)| section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mapped_tag_decides_however_it_is_written() {
        let sections: Sections =
            serde_json::from_str(r#"{"by_tag": {"Kinh tế": "kinh-te", "Du lịch": "du-lich"}}"#)
                .expect("a mapping");
        let of = |tags: &[&str]| {
            let tags: Vec<String> = tags.iter().map(|&tag| tag.to_owned()).collect();
            sections.of(&tags).to_owned()
        };
        assert_eq!(of(&["Tin mới", "KINH TẾ ", "Du lịch"]), "kinh-te");
        assert_eq!(of(&["Tin mới"]), USUAL);
        assert_eq!(of(&[]), USUAL);
    }
}
