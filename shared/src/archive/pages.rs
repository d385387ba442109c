//! The pages of an archive: readable without any server, pictures and all.

use super::layout;
use crate::clock;
use crate::entries::{Item, Kind, MediaRole, record};
use crate::media::record::Model as Medium;
use crate::vietnamese;
use askama::Template;
use std::collections::HashMap;

/// A line that leads somewhere.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) url: String,
    pub(super) title: String,
    pub(super) date: String,
    pub(super) detail: String,
}

/// Entries of one kind.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) heading: String,
    pub(super) lines: Vec<Line>,
}

/// The first page.
#[derive(Template)]
#[template(path = "archive/index.html")]
pub(super) struct Index {
    pub(super) title: String,
    pub(super) owner: String,
    pub(super) base_url: String,
    pub(super) groups: Vec<Group>,
}

/// A picture with its words.
#[derive(Clone, Debug)]
struct Shown {
    src: String,
    alt: String,
    caption: Option<String>,
}

/// The page of an entry.
#[derive(Template)]
#[template(path = "archive/entry.html")]
pub(super) struct Page {
    site: String,
    language: String,
    kicker: String,
    title: String,
    lead: Option<String>,
    picture: Option<Shown>,
    body: String,
    meta: Vec<String>,
    facts: Vec<(String, String)>,
    files: Vec<Line>,
    url: String,
}

/// Where media lie, seen from the page of an entry.
pub(super) struct Shelves<'a>(pub(super) &'a HashMap<Vec<u8>, Medium>);

impl Shelves<'_> {
    fn path(&self, hash: &[u8]) -> Option<String> {
        let medium = self.0.get(hash).filter(|medium| medium.is_here())?;
        let digest = crate::log::Digest::from_slice(hash).ok()?;
        Some(format!("../{}", layout::medium(digest, &medium.mime)))
    }

    /// Clean HTML with its pictures where they lie in the archive.
    fn relative(&self, html: &str) -> String {
        const STORE: &str = "/media/sha256/";
        let mut written = String::with_capacity(html.len());
        let mut rest = html;
        while let Some(place) = rest.find(STORE) {
            let after = place + STORE.len();
            let hash = rest
                .get(after..after + 64)
                .and_then(|hex| crate::log::Digest::from_hex(hex).ok());
            match hash.and_then(|digest| self.path(digest.as_bytes())) {
                Some(path) => {
                    written.push_str(&rest[..place]);
                    written.push_str(&path);
                    rest = &rest[after + 64..];
                }
                None => {
                    written.push_str(&rest[..after]);
                    rest = &rest[after..];
                }
            }
        }
        written + rest
    }
}

/// The page of `entry`, which says `item`.
pub(super) fn page(site: &str, entry: &record::Model, item: &Item, shelves: &Shelves<'_>) -> Page {
    let moment = |millis: i64| vietnamese::date_time(clock::from_millis(millis));
    let mut meta = Vec::new();
    if entry.kind() != Kind::Page {
        meta.push(format!("Đăng lúc {}", moment(entry.published_at)));
    }
    if entry.revised_at > entry.published_at {
        meta.push(format!("Sửa lúc {}", moment(entry.revised_at)));
    }
    meta.extend(item.byline());
    if let Some(source) = &item.fields.source {
        meta.push(format!("Nguồn: {}", source.name));
    }
    meta.extend(
        item.fields
            .correction
            .as_ref()
            .map(|text| format!("Đính chính: {text}")),
    );
    let picture = item.lead_picture().and_then(|lead| {
        Some(Shown {
            src: shelves.path(lead.sha256.as_bytes())?,
            alt: lead.alt.clone().unwrap_or_default(),
            caption: lead.title.clone(),
        })
    });
    let files = item
        .attachments
        .iter()
        .filter(|file| !matches!(file.role, MediaRole::Lead | MediaRole::Inline))
        .map(|file| Line {
            url: shelves
                .path(file.sha256.as_bytes())
                .unwrap_or_else(|| file.url.clone()),
            title: file.title.clone().unwrap_or_else(|| file.url.clone()),
            date: String::new(),
            detail: vietnamese::bytes(file.size_in_bytes),
        })
        .collect();
    let clean = item.reading();
    Page {
        site: site.to_owned(),
        language: item.language.clone(),
        kicker: entry.kind().label().to_owned(),
        title: item.title.clone(),
        lead: item.summary.clone(),
        picture,
        body: shelves.relative(&clean),
        meta,
        facts: facts(item),
        files,
        url: item.url.clone(),
    }
}

fn facts(item: &Item) -> Vec<(String, String)> {
    let Some(document) = &item.fields.document else {
        return Vec::new();
    };
    let date = |day: chrono::NaiveDate| day.format("%d/%m/%Y").to_string();
    let facts = [
        ("Số, ký hiệu", document.number.clone()),
        ("Loại văn bản", document.form.clone()),
        ("Cơ quan ban hành", document.issuer.clone()),
        ("Người ký", document.signer.clone().unwrap_or_default()),
        ("Lĩnh vực", document.field.clone().unwrap_or_default()),
        ("Ngày ban hành", date(document.issued_on)),
        (
            "Ngày có hiệu lực",
            document.effective_on.map(date).unwrap_or_default(),
        ),
    ];
    facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The line of `entry` in the list.
pub(super) fn line(entry: &record::Model) -> Line {
    Line {
        url: layout::page(entry.entry_id),
        title: entry.title.clone(),
        date: vietnamese::date_time(clock::from_millis(entry.published_at)),
        detail: entry.authors.clone().unwrap_or_default(),
    }
}
