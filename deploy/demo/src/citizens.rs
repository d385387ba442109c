//! What people asked before the demo began, said at the sites in the order in which it happened.

use crate::content::Content;
use crate::content::cases::Case;
use crate::summary::Receipt as Told;
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use shared::citizens::case::{self, Asked, Kind, Said, Words};
use shared::citizens::code::Receipt;
use shared::citizens::letter::Head;
use shared::citizens::tip_office::{self, TipOffice};
use shared::clock::Clock;
use shared::site::Site;
use std::sync::Arc;
use uuid::Uuid;

/// Opens the office that tips go to, if it is at the unit `slug`; the code it reads with.
pub async fn open_office(
    site: &Arc<Site>,
    content: &Content,
    slug: &str,
) -> anyhow::Result<Option<String>> {
    let office = &content.cases.office;
    if office.unit != slug {
        return Ok(None);
    }
    let (name, about) = (office.name.clone(), office.about.clone());
    let inner = Arc::clone(site);
    let opened = site.db.write(move |tx| {
        Box::pin(async move {
            let code = tip_office::renew(tx).await?;
            let office = TipOffice {
                unit: inner.unit_id,
                name,
                about,
                key: code.keys().public(),
            };
            tip_office::set(tx, &[office]).await?;
            inner.role.lists_changed(tx, &inner).await?;
            Ok(code.as_str().to_owned())
        })
    });
    Ok(Some(opened.await?))
}

/// Has people ask at the site of the unit `slug`, and has it answer; the receipts they were given.
pub async fn ask_all(
    site: &Arc<Site>,
    clock: &Clock,
    content: &Content,
    slug: &str,
) -> anyhow::Result<Vec<Told>> {
    let now = Clock::system().now();
    let mut said: Vec<(DateTime<Utc>, Step)> = Vec::new();
    let mut receipts = Vec::new();
    let before = |days: u32| now - TimeDelta::days(days.into());
    for case in content.cases.cases.iter().filter(|case| case.unit == slug) {
        let id = Uuid::now_v7();
        let receipt = Receipt::generate()?;
        receipts.push(Told {
            unit: slug.to_owned(),
            subject: case.subject.clone(),
            code: receipt.as_str().to_owned(),
        });
        let asked = asked(site, content, case, id)?;
        said.push((before(case.days_ago), Step::Asked(Box::new(asked), receipt)));
        for reply in &case.replies {
            let at = before(reply.days_ago);
            let reply = Said {
                act: reply.act,
                rating: None,
                words: Words::Plain(reply.words.clone()),
                to: None,
                by: None,
            };
            said.push((at, Step::Replied(id, reply)));
        }
    }
    said.sort_by_key(|(at, _)| *at);
    for (at, step) in said {
        clock.set(at);
        step.take(site).await?;
    }
    Ok(receipts)
}

/// Something that is said.
#[derive(Clone)]
enum Step {
    Asked(Box<Asked>, Receipt),
    Replied(Uuid, Said),
}

impl Step {
    async fn take(self, site: &Arc<Site>) -> anyhow::Result<()> {
        let inner = Arc::clone(site);
        let taken = site.db.write(move |tx| {
            Box::pin(async move {
                match self {
                    Self::Asked(asked, receipt) => {
                        case::open(tx, &inner, *asked, &receipt).await?;
                    }
                    Self::Replied(id, said) => {
                        case::say(tx, &inner, id, said).await?;
                    }
                }
                Ok(())
            })
        });
        Ok(taken.await?)
    }
}

fn asked(site: &Site, content: &Content, case: &Case, id: Uuid) -> anyhow::Result<Asked> {
    let to = match &case.to {
        Some(slug) => content.unit(slug).context("thiếu đơn vị trả lời")?.id,
        None => site.unit_id,
    };
    let kind = case.kind().unwrap_or(Kind::Question);
    Ok(Asked {
        id,
        head: Head {
            kind,
            origin: site.unit_id,
            entry: None,
            subject: case.subject.clone(),
            place: case.place.clone(),
            asker: Some(case.asker.clone()),
            contact: Some(case.contact.clone()),
            may_publish: kind == Kind::Question,
            office: None,
            reply_key: None,
        },
        to,
        words: Words::Plain(case.words.trim().to_owned()),
        pictures: Vec::new(),
    })
}
