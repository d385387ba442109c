//! The province's default sections, and which of them the portal of a unit of some kind shows.

use serde::Deserialize;
use shared::entries::section::Section;

const DEFAULT_TREE: &str = include_str!("../data/sections.toml");

/// The portals a section is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tree {
    /// The provincial portal.
    Province,
    /// Departments.
    Department,
    /// Communes, and former districts.
    Commune,
}

impl Tree {
    /// The tree of a unit of `kind`.
    pub fn of_kind(kind: &str) -> Self {
        match kind {
            "tinh" | "thanh_pho" => Self::Province,
            "xa" | "phuong" | "dac_khu" | "thi_tran" | "huyen" | "thi_xa" => Self::Commune,
            _ => Self::Department,
        }
    }
}

/// A section of the default tree and the portals it is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultSection {
    /// Its code, as in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The section it belongs to.
    pub parent: Option<String>,
    /// The portals it is for.
    pub shown_on: Vec<Tree>,
    /// Whether a rule demands that it is filled.
    #[serde(default)]
    pub mandatory: bool,
    /// Whether it stands in the menu of every page.
    #[serde(default)]
    pub in_menu: bool,
    /// The rule it rests on.
    pub basis: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    section: Vec<DefaultSection>,
}

/// The whole default tree.
///
/// # Errors
/// If the file compiled in is not of its shape, which a test rules out.
pub fn default_tree() -> anyhow::Result<Vec<DefaultSection>> {
    Ok(toml::from_str::<File>(DEFAULT_TREE)?.section)
}

/// The sections of the portal of a unit of `kind`.
pub fn for_kind(kind: &str) -> anyhow::Result<Vec<Section>> {
    let tree = Tree::of_kind(kind);
    let sections = default_tree()?
        .into_iter()
        .filter(|section| section.shown_on.contains(&tree))
        .map(|section| Section {
            code: section.slug,
            parent: section.parent,
            name: section.name,
            mandatory: section.mandatory,
            in_menu: section.in_menu,
            basis: section.basis,
        });
    Ok(sections.collect())
}

/// `code` and the sections below it, in the whole default tree.
pub fn with_below(code: &str) -> anyhow::Result<Vec<String>> {
    let tree = default_tree()?;
    let mut found = vec![code.to_owned()];
    let mut next = 0;
    while let Some(parent) = found.get(next).cloned() {
        let below = tree
            .iter()
            .filter(|section| section.parent.as_ref() == Some(&parent))
            .map(|section| section.slug.clone());
        let new: Vec<String> = below.filter(|code| !found.contains(code)).collect();
        found.extend(new);
        next += 1;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_section_is_known_once_and_stands_below_one_that_is_shown_where_it_is() {
        for kind in ["tinh", "xa", "so"] {
            let sections = for_kind(kind).expect("the default tree");
            let mut codes = HashSet::new();
            for section in &sections {
                let is_below = section
                    .parent
                    .as_ref()
                    .is_none_or(|parent| codes.contains(parent));
                assert!(
                    is_below,
                    "{} of {kind} has no parent before it",
                    section.code
                );
                assert!(codes.insert(section.code.clone()), "{} twice", section.code);
            }
            assert!(sections.iter().filter(|section| section.in_menu).count() >= 5);
        }
    }
}
