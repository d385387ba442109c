//! Structured data: what search engines are told about a page.

use super::cards;
use super::view::Link;
use crate::entries::body;
use crate::entries::item::QuestionFields;
use crate::entries::kinds::question::beginning;
use crate::entries::listing::Listed;
use crate::entries::{Item, Kind};
use crate::site::Site;
use chrono::DateTime;
use serde_json::{Value, json};

const CONTEXT: &str = "https://schema.org";

/// An entry and where it is.
#[derive(Debug)]
pub struct Told<'a> {
    /// The entry.
    pub listed: &'a Listed,
    /// Its content.
    pub item: &'a Item,
    /// Its address here.
    pub address: &'a str,
    /// The address of its picture.
    pub image: Option<&'a str>,
    /// Whether it was born elsewhere.
    pub is_copy: bool,
}

/// An entry and the way to it.
pub fn entry(site: &Site, told: &Told<'_>, way: &[Link]) -> Value {
    let entry = &told.listed.entry;
    let time = |millis| cards::iso(DateTime::from_timestamp_millis(millis).unwrap_or_default());
    let kind = match entry.kind() {
        Kind::Article => "NewsArticle",
        Kind::Notice => "SpecialAnnouncement",
        Kind::Document => "DigitalDocument",
        Kind::Page | Kind::Poll => "WebPage",
        Kind::Album => "ImageGallery",
        Kind::Video => "VideoObject",
        Kind::Calendar => "Schedule",
        Kind::Consultation => "Legislation",
        Kind::Question => "QAPage",
    };
    let mut page = json!({
        "@type": kind,
        "headline": told.listed.title(),
        "name": told.listed.title(),
        "url": told.address,
        "inLanguage": entry.language,
        "datePublished": time(entry.published_at),
        "dateModified": time(entry.revised_at),
        "publisher": publisher(site),
    });
    let mut also = |name: &str, value: Value| {
        page[name] = value;
    };
    if let Some(lead) = told.listed.lead() {
        also("description", json!(lead));
    }
    if let Some(image) = told.image {
        also("image", json!([image]));
    }
    let authors: Vec<_> = told
        .item
        .authors
        .iter()
        .map(|author| json!({"@type": "Person", "name": author.name}))
        .collect();
    if !authors.is_empty() {
        also("author", json!(authors));
    }
    if let Some(asked) = &told.item.fields.question {
        also("mainEntity", question(told, asked));
    }
    if told.is_copy {
        also("isBasedOn", json!(entry.url));
        also("mainEntityOfPage", json!(entry.url));
    } else {
        also("mainEntityOfPage", json!(told.address));
    }
    if let Some(expires) = entry.expires_at {
        also("expires", json!(time(expires)));
    }
    json!({"@context": CONTEXT, "@graph": [page, breadcrumb(site, told, way)]})
}

/// Longest answer that is told a second time, in letters: the page itself has all of it.
const LONGEST_ANSWER: usize = 3_000;

/// A question with the one answer there is.
fn question(told: &Told<'_>, asked: &QuestionFields) -> Value {
    let answer = body::plain_text(&told.item.content_html);
    let mut answer = json!({
        "@type": "Answer",
        "text": beginning(&answer, LONGEST_ANSWER),
        "url": told.address,
    });
    let mut question = json!({
        "@type": "Question",
        "name": told.listed.title(),
        "text": asked.asked,
        "answerCount": 1,
    });
    if let Some(day) = asked.answered_on {
        answer["dateCreated"] = json!(day.to_string());
    }
    if let Some(name) = &asked.answerer {
        answer["author"] = json!({"@type": "Organization", "name": name});
    }
    if let Some(day) = asked.asked_on {
        question["dateCreated"] = json!(day.to_string());
    }
    if let Some(name) = &asked.asker {
        question["author"] = json!({"@type": "Person", "name": name});
    }
    question["acceptedAnswer"] = answer;
    question
}

/// The body behind the site, for the front page.
pub fn organisation(site: &Site) -> Value {
    let mut organisation = publisher(site);
    organisation["@context"] = json!(CONTEXT);
    for (name, value) in [
        ("telephone", &site.profile.phone),
        ("email", &site.profile.email),
        ("address", &site.profile.address),
    ] {
        if let Some(value) = value {
            organisation[name] = json!(value);
        }
    }
    organisation
}

fn publisher(site: &Site) -> Value {
    let emblem = site.face.get().emblem();
    let logo = emblem.unwrap_or_else(|| super::assets::asset("emblem.svg"));
    json!({
        "@type": "GovernmentOrganization",
        "name": super::frame::face(site).owner,
        "url": site.address("/"),
        "logo": site.address(&logo),
    })
}

fn breadcrumb(site: &Site, told: &Told<'_>, way: &[Link]) -> Value {
    let here = Link::new(told.listed.title(), told.listed.entry.path());
    let steps: Vec<_> = way
        .iter()
        .chain(std::iter::once(&here))
        .zip(1..)
        .map(|(step, place)| {
            json!({
                "@type": "ListItem",
                "position": place,
                "name": step.label,
                "item": site.address(&step.url),
            })
        })
        .collect();
    json!({"@type": "BreadcrumbList", "itemListElement": steps})
}
