//! A foreign entry as one of ours: its words cleaned and cut to measure, its dates made plausible.

use super::sections::Sections;
use chrono::{DateTime, TimeDelta, Utc};
use shared::entries::item::{Author, Kind, Source};
use shared::entries::{Fields, Item, body};
use shared::feeds::read::ForeignEntry;
use shared::log::Digest;
use std::fmt::Write;
use url::Url;
use uuid::Uuid;

/// Longest title, in characters.
const LONGEST_TITLE: usize = 300;
/// Longest title made of the beginning of the text, in characters.
const LONGEST_MADE_TITLE: usize = 90;
/// Longest lead, in characters.
const LONGEST_LEAD: usize = 2_000;
/// Longest byline and tag, in characters.
const LONGEST_NAME: usize = 120;
/// Most authors and most tags.
const MOST_NAMES: usize = 20;
/// How far ahead of us another server's clock may be.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(10);

/// The portal an entry is read from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// What it calls itself.
    pub title: String,
    /// Where its front page is.
    pub url: String,
    /// Where its entries stand.
    pub sections: Sections,
}

/// When an entry was met.
#[derive(Clone, Copy, Debug)]
pub(super) struct Met {
    /// First.
    pub first: DateTime<Utc>,
    /// This time.
    pub now: DateTime<Utc>,
}

/// The digest of what its source says, before cleaning: a change is known by it and by nothing else,
/// since dates change without the text and the text without the dates.
pub(super) fn fingerprint(entry: &ForeignEntry) -> Digest {
    let files: Vec<_> = entry
        .enclosures
        .iter()
        .map(|file| (&file.url, &file.title))
        .collect();
    let said = (
        &entry.title,
        &entry.summary,
        &entry.content_html,
        &entry.link,
        &entry.authors,
        &entry.tags,
        &entry.language,
        files,
    );
    // As JSON each part ends where it ends, so that nothing moves from one into the next.
    let said = serde_json::to_vec(&said).unwrap_or_default();
    Digest::of(said)
}

/// `entry` as the content of our entry `id`, as JSON; or why it cannot be.
pub(super) fn to_item(
    entry: &ForeignEntry,
    id: Uuid,
    origin: &Origin,
    met: Met,
) -> Result<Item, String> {
    let url = entry.link.clone().unwrap_or_else(|| origin.url.clone());
    let base = Url::parse(&entry.base)
        .or_else(|_| Url::parse(&url))
        .map_err(|error| format!("its address cannot be read: {error}"))?;
    let mut html = entry.content_html.clone().unwrap_or_default();
    add_files(entry, &mut html);
    let content_html = body::sanitise_from(&html, &base).to_string();
    let text = body::plain_text(&content_html);
    let title = match &entry.title {
        Some(title) => cut(title, LONGEST_TITLE),
        None if !text.is_empty() => cut(&text, LONGEST_MADE_TITLE),
        None => return Err("it has neither a title nor a text".to_owned()),
    };
    let published = [entry.published, entry.updated]
        .into_iter()
        .flatten()
        .find_map(|date| plausible(date, met.now))
        .unwrap_or(met.first);
    let is_revision = met.now > met.first;
    let updated = entry
        .updated
        .and_then(|date| plausible(date, met.now))
        .filter(|&date| date > published);
    let item = Item {
        id: Item::id_of(id),
        url: url.clone(),
        title,
        summary: entry
            .summary
            .as_deref()
            .map(|summary| cut(summary, LONGEST_LEAD)),
        content_html,
        date_published: published,
        date_modified: updated.or(is_revision.then_some(met.now)),
        authors: names(&entry.authors).map(|name| Author { name }).collect(),
        language: entry.language.clone().unwrap_or_else(|| "vi".to_owned()),
        image: None,
        tags: names(&entry.tags).collect(),
        attachments: Vec::new(),
        fields: Fields {
            kind: Kind::Article,
            section: origin.sections.of(&entry.tags).to_owned(),
            source: Some(Source {
                name: origin.title.clone(),
                url: Some(url),
            }),
            ..Fields::default()
        },
    };
    // What members would refuse must not leave: they read it the same way.
    let content = serde_json::to_value(&item).map_err(|error| error.to_string())?;
    Item::read(&content, id).map_err(|error| error.to_string())
}

/// Files become links below the text. Pictures and sound belong to a page that we do not have.
fn add_files(entry: &ForeignEntry, html: &mut String) {
    let files: Vec<_> = entry
        .enclosures
        .iter()
        .filter(|file| {
            file.mime
                .as_deref()
                .is_none_or(|mime| mime.starts_with("application/"))
        })
        .filter(|file| !html.contains(&file.url))
        .collect();
    if files.is_empty() {
        return;
    }
    html.push_str("\n<ul>");
    for file in files {
        let name = file
            .title
            .as_deref()
            .or_else(|| file.url.rsplit('/').find(|part| !part.is_empty()));
        // Writing into a String does not fail.
        let _written = write!(
            html,
            "<li><a href=\"{}\">{}</a></li>",
            escaped(&file.url),
            escaped(name.unwrap_or(&file.url))
        );
    }
    html.push_str("</ul>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

fn names(given: &[String]) -> impl Iterator<Item = String> {
    given
        .iter()
        .map(|name| cut(name, LONGEST_NAME))
        .take(MOST_NAMES)
}

/// `text` on one line of at most `longest` characters; what was cut off is marked.
fn cut(text: &str, longest: usize) -> String {
    let line: String = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    if line.chars().count() <= longest {
        return line;
    }
    let mut cut: String = line.chars().take(longest - 1).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// A date that may be meant: after the web began and not in the future, or now if only clocks differ.
fn plausible(date: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let web_began = DateTime::from_timestamp(631_152_000, 0).unwrap_or_default();
    if date < web_began {
        return None;
    }
    let is_ahead = date > now + CLOCKS_DIFFER;
    Some(shared::clock::truncate(if is_ahead { now } else { date }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::feeds::read::identity::Identity;
    use shared::feeds::read::{ForeignEnclosure, ForeignEntry};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn entry() -> ForeignEntry {
        ForeignEntry {
            identity: Identity::Guid("1".to_owned()),
            guid: Some("1".to_owned()),
            link: Some("https://so.example/tin/1.html".to_owned()),
            title: Some("Khai mạc lễ hội".to_owned()),
            summary: None,
            content_html: Some("<p>Sáng nay.</p>".to_owned()),
            base: "https://so.example/tin/1.html".to_owned(),
            published: Some(at("2026-11-20T01:00:00Z")),
            updated: None,
            authors: Vec::new(),
            tags: Vec::new(),
            enclosures: Vec::new(),
            language: None,
            source: None,
            native: None,
        }
    }

    fn item(entry: &ForeignEntry) -> Result<Item, String> {
        let origin = Origin {
            title: "Sở Du lịch".to_owned(),
            url: "https://so.example".to_owned(),
            sections: Sections::default(),
        };
        let now = at("2026-11-23T05:00:00Z");
        to_item(entry, Uuid::now_v7(), &origin, Met { first: now, now })
    }

    #[test]
    fn a_date_that_cannot_be_meant_becomes_the_time_it_was_met() {
        let published = |date: Option<&str>| {
            let mut entry = entry();
            entry.published = date.map(at);
            item(&entry).expect("an item").date_published.to_rfc3339()
        };
        let now = "2026-11-23T05:00:00+00:00";
        assert_eq!(published(None), now);
        assert_eq!(published(Some("2031-01-01T00:00:00Z")), now);
        assert_eq!(published(Some("0001-01-01T00:00:00Z")), now);
        assert_eq!(
            published(Some("2026-11-23T05:09:00Z")),
            "2026-11-23T05:09:00+00:00"
        );
        assert_eq!(
            published(Some("2019-01-01T00:00:00Z")),
            "2019-01-01T00:00:00+00:00"
        );
    }

    #[test]
    fn what_is_too_long_is_cut_between_letters_and_marked() {
        let mut long = entry();
        long.title = Some("Đường ".repeat(500));
        let title = item(&long).expect("an item").title;
        assert_eq!(title.chars().count(), 300);
        assert!(title.ends_with("Đường…"));
    }

    #[test]
    fn an_entry_without_title_is_called_by_its_first_words() {
        let mut untitled = entry();
        untitled.title = None;
        assert_eq!(item(&untitled).expect("an item").title, "Sáng nay.");
        untitled.content_html = Some("<img src=x>".to_owned());
        assert!(item(&untitled).is_err());
    }

    #[test]
    fn files_are_linked_below_the_text_and_pictures_are_not() {
        let mut with_files = entry();
        let file = |url: &str, mime: &str, title: Option<&str>| ForeignEnclosure {
            url: url.to_owned(),
            mime: Some(mime.to_owned()),
            length: None,
            title: title.map(str::to_owned),
        };
        with_files.enclosures = vec![
            file(
                "https://so.example/ke-hoach.pdf?a=1&b=2",
                "application/pdf",
                Some("Kế hoạch <số 1>"),
            ),
            file("https://so.example/anh.jpg", "image/jpeg", None),
        ];
        let html = item(&with_files).expect("an item").content_html;
        assert!(html.contains("Kế hoạch &lt;số 1&gt;</a>"), "{html}");
        assert!(html.contains("ke-hoach.pdf?a=1&amp;b=2\""), "{html}");
        assert!(!html.contains("anh.jpg"), "{html}");
    }

    #[test]
    fn a_change_is_known_by_what_is_said_and_not_by_its_date() {
        let first = fingerprint(&entry());
        let mut later = entry();
        later.updated = Some(at("2026-11-22T00:00:00Z"));
        assert_eq!(fingerprint(&later), first);
        later.content_html = Some("<p>Sáng qua.</p>".to_owned());
        assert_ne!(fingerprint(&later), first);
    }
}
