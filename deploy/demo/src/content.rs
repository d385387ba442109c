//! The demo province as data: its units, sections, staff and a year of articles, read from the files in `content/`.
//!
//! The files are part of the program, so the demo runs from any directory. Whoever edits them gets an error that names the
//! file and says what to mend.

pub mod cases;
mod check;
mod kinds;

use std::str;

use anyhow::{Context, Result, bail};
use rust_embed::Embed;
use serde::{Deserialize, de::DeserializeOwned};

pub use cases::Cases;
pub use hub::sections::{DefaultSection as Section, Tree};
pub use kinds::{
    Account, Change, Document, Entry, Kind, Picture, Role, SiteBanner, SiteFace, SiteRole,
    SlowEntry, Unit,
};

#[derive(Embed)]
#[folder = "content/"]
struct Files;

/// Everything the demo province says about itself.
#[derive(Debug, Clone)]
pub struct Content {
    /// The province, its members and the units that are closed; a parent comes before its children.
    pub units: Vec<Unit>,
    /// The default section tree; a parent comes before its children.
    pub sections: Vec<Section>,
    /// Invented staff.
    pub accounts: Vec<Account>,
    /// How some of the sites look.
    pub faces: Vec<SiteFace>,
    /// A year of articles, documents, notices and pages, oldest first.
    pub entries: Vec<Entry>,
    /// Short items to publish one by one while the demo runs, in this order.
    pub slow: Vec<SlowEntry>,
    /// What people asked before it began.
    pub cases: Cases,
}

impl Content {
    /// The unit whose folder of articles is called `slug`.
    pub fn unit(&self, slug: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.slug == slug)
    }

    /// How the site of one unit looks, if it is not as usual.
    pub fn face_of(&self, unit: &str) -> Option<&SiteFace> {
        self.faces.iter().find(|face| face.unit == unit)
    }

    /// The entries of one unit, oldest first.
    pub fn entries_of<'a>(&'a self, unit: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.unit == unit)
    }
}

/// Reads and checks all of the demo's content.
///
/// # Errors
///
/// A file that cannot be read as what it should be, or that breaks one of the rules every file must keep.
pub fn load() -> Result<Content> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Units {
        unit: Vec<Unit>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Accounts {
        account: Vec<Account>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Faces {
        site: Vec<SiteFace>,
    }

    let mut content = Content {
        units: table::<Units>("units.toml")?.unit,
        sections: hub::sections::default_tree()?,
        accounts: table::<Accounts>("accounts.toml")?.account,
        entries: Vec::new(),
        slow: Vec::new(),
        cases: table("cases.toml")?,
        faces: table::<Faces>("faces.toml")?.site,
    };
    let mut files: Vec<_> = Files::iter().filter(|file| file.ends_with(".md")).collect();
    files.sort_unstable();
    for file in files {
        let text = text(&file)?;
        match file.split('/').collect::<Vec<_>>()[..] {
            ["articles", unit, _] => content.entries.push(entry(unit, &file, &text)?),
            ["slow", _] => content.slow.push(slow_entry(&file, &text)?),
            _ => bail!("{file}: articles live in articles/<unit>/ or slow/; move it there"),
        }
    }
    content.entries.sort_by_key(|entry| entry.published);
    check::all(&content)?;
    Ok(content)
}

fn table<T: DeserializeOwned>(file: &str) -> Result<T> {
    toml::from_str(&text(file)?).with_context(|| format!("{file}: not the table it should be"))
}

fn text(file: &str) -> Result<String> {
    let embedded = Files::get(file).with_context(|| format!("{file}: missing from content/"))?;
    let text =
        str::from_utf8(&embedded.data).with_context(|| format!("{file}: save it as UTF-8"))?;
    check::spelling(file, text)?;
    Ok(text.to_owned())
}

fn entry(unit: &str, file: &str, text: &str) -> Result<Entry> {
    let (matter, body) = split(file, text)?;
    let entry: Entry = toml::from_str(matter).with_context(|| format!("{file}: front matter"))?;
    Ok(Entry {
        unit: unit.to_owned(),
        file: file.to_owned(),
        body: body.to_owned(),
        ..entry
    })
}

fn slow_entry(file: &str, text: &str) -> Result<SlowEntry> {
    let (matter, body) = split(file, text)?;
    let entry: SlowEntry =
        toml::from_str(matter).with_context(|| format!("{file}: front matter"))?;
    Ok(SlowEntry {
        file: file.to_owned(),
        body: body.to_owned(),
        ..entry
    })
}

/// The front matter and the body of a Markdown file.
fn split<'a>(file: &str, text: &'a str) -> Result<(&'a str, &'a str)> {
    text.strip_prefix("+++\n")
        .and_then(|rest| rest.split_once("\n+++\n"))
        .map(|(matter, body)| (matter, body.trim()))
        .with_context(|| format!("{file}: begin with front matter between two lines of +++"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTICE: &str = "+++\ntitle = \"Họp dân\"\nkind = \"notice\"\nsection = \"thong-bao\"\n\
        published = \"2026-05-01T08:00:00+07:00\"\nauthor = \"A Mẫu\"\nlead = \"Mời họp.\"\n+++\n\nThân bài.\n";

    #[test]
    fn the_province_has_a_year_of_content() {
        let content = load().unwrap_or_else(|error| panic!("{error:#}"));
        assert!(content.entries.len() >= 110, "{}", content.entries.len());
        assert_eq!(content.slow.len(), 24);
        for unit in content.units.iter().filter(|unit| !unit.role.is_over()) {
            assert!(content.entries_of(&unit.slug).count() >= 8, "{}", unit.slug);
        }
        let (first, last) = (content.entries.first(), content.entries.last());
        let days = last
            .zip(first)
            .map(|(last, first)| (last.published - first.published).num_days());
        assert!(days > Some(360), "{days:?}");
        let archives = content
            .units
            .iter()
            .filter(|unit| unit.role == SiteRole::Archive);
        for unit in archives {
            let last = content.entries_of(&unit.slug).last();
            let last = last.map(|entry| entry.published.date_naive());
            assert!(last.is_some() && last <= unit.until, "{}", unit.slug);
        }
    }

    #[test]
    fn all_kinds_and_several_languages_are_there() {
        let content = load().unwrap_or_else(|error| panic!("{error:#}"));
        for kind in [
            Kind::Article,
            Kind::Document,
            Kind::Notice,
            Kind::Page,
            Kind::Album,
            Kind::Video,
            Kind::Calendar,
            Kind::Consultation,
            Kind::Question,
            Kind::Poll,
        ] {
            assert!(
                content.entries.iter().any(|entry| entry.kind == kind),
                "{kind:?}"
            );
        }
        for language in ["vi", "en", "bdq"] {
            assert!(
                content
                    .entries
                    .iter()
                    .any(|entry| entry.language == language),
                "{language}"
            );
        }
        let bahnar = content.entries.iter().find(|entry| entry.language == "bdq");
        assert!(bahnar.is_some_and(|entry| entry.body.contains("ơ\u{306}")));
        assert!(content.entries.iter().any(|entry| entry.source.is_some()));
    }

    #[test]
    fn every_painted_subject_is_shown_somewhere() {
        let content = load().unwrap_or_else(|error| panic!("{error:#}"));
        for subject in pictures::subjects() {
            let shown = content.entries.iter().flat_map(|entry| &entry.pictures);
            assert!(
                shown.clone().any(|picture| picture.subject == subject),
                "{subject}"
            );
        }
    }

    #[test]
    fn sites_look_different_and_each_face_is_in_order() {
        let content = load().unwrap_or_else(|error| panic!("{error:#}"));
        let palettes: std::collections::HashSet<_> = content
            .faces
            .iter()
            .map(|told| told.face.palette.code())
            .collect();
        assert!(palettes.len() >= 5, "{palettes:?}");
        assert!(content.faces.iter().any(|told| told.banner.is_some()));
        for told in &content.faces {
            let checked = told.face.clone().checked();
            assert!(checked.is_ok(), "{}: {checked:?}", told.unit);
        }
    }

    #[test]
    fn a_district_dissolved_into_three_communes_is_told_by_dated_changes() {
        let content = load().unwrap_or_else(|error| panic!("{error:#}"));
        let district = content.unit("kon-ray").unwrap_or_else(|| panic!("kon-ray"));
        let heirs: Vec<_> = district.merged_into().collect();
        assert_eq!(heirs, ["dak-rve", "dak-koi", "kon-braih"]);
        let reused: Vec<_> = content
            .units
            .iter()
            .filter(|unit| unit.gso_code.as_deref() == Some("23497"))
            .collect();
        assert_eq!(reused.len(), 2, "a code alone does not name a unit");
    }

    #[test]
    fn front_matter_is_read_with_its_body() {
        let entry = entry("kon-braih", "a.md", NOTICE).unwrap_or_else(|error| panic!("{error:#}"));
        assert_eq!(entry.kind, Kind::Notice);
        assert_eq!(entry.language, "vi");
        assert_eq!(entry.body, "Thân bài.");
    }

    #[test]
    fn a_mistake_names_its_file() {
        let told = |text: &str| {
            entry("kon-braih", "a.md", text)
                .map_or_else(|error| format!("{error:#}"), |_| "no complaint".to_owned())
        };
        assert!(told("Thân bài.").contains("a.md: begin with front matter"));
        assert!(told(&NOTICE.replace("lead", "leed")).contains("unknown field `leed`"));
        assert!(told(&NOTICE.replace("notice", "news")).contains("a.md"));
        assert!(told(&NOTICE.replace("+07:00", "")).contains("a.md"));
    }
}
