//! Dublin Core in the head of an entry's page, which Circular 24/2011/TT-BTTTT asks of the portals of state bodies:
//! of its elements those that are known, several values in one with a semicolon between, and the two dates as
//! DCMI Terms tell them apart.

use super::cards;
use super::json_ld::Told;
use super::view::Fact;
use crate::site::Site;
use chrono::DateTime;

/// What is said of an entry: names of elements with their prefix, and their values.
pub fn entry(site: &Site, told: &Told<'_>, section: Option<&str>) -> Vec<Fact> {
    let entry = &told.listed.entry;
    let time = |millis| cards::iso(DateTime::from_timestamp_millis(millis).unwrap_or_default());
    let mut said = Vec::new();
    let mut say = |name: &str, value: &str| {
        if !value.is_empty() {
            said.push(Fact::new(name, value));
        }
    };
    say("DC.title", told.listed.title());
    let creators: Vec<&str> = told
        .item
        .authors
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    say("DC.creator", &creators.join("; "));
    let tags = told.item.tags.iter().map(String::as_str);
    let subjects: Vec<&str> = section.into_iter().chain(tags).collect();
    say("DC.subject", &subjects.join("; "));
    say("DC.description", told.listed.lead().unwrap_or_default());
    say("DC.publisher", &super::frame::face(site).owner);
    say("DC.date", &time(entry.published_at));
    say("DCTERMS.issued", &time(entry.published_at));
    say("DCTERMS.modified", &time(entry.revised_at));
    say("DC.type", "Text");
    say("DC.format", "text/html");
    say("DC.identifier", told.address);
    if told.is_copy {
        say("DC.source", &entry.url);
    }
    say("DC.language", &entry.language);
    said
}
