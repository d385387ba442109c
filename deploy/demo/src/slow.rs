//! Keeps publishing while the demo runs, so that sync can be watched.

use crate::content::{Content, SlowEntry};
use crate::province::{self, Layout};
use crate::seed::{self, New};
use anyhow::Context;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use shared::entries::kinds::Own;
use shared::entries::record;
use shared::server::Shutdown;
use std::time::Duration;

/// From one item to the next.
const PAUSE: Duration = Duration::from_secs(45);

/// Publishes one item after another at the commune it belongs to, until `shutdown` or the end of the
/// list. What an earlier run published is not published again.
pub async fn publish(
    layout: &Layout,
    content: &Content,
    shutdown: &Shutdown,
) -> anyhow::Result<()> {
    for entry in &content.slow {
        let Some(place) = layout.members.iter().find(|place| place.unit == entry.unit) else {
            continue;
        };
        let site = province::open_member(&place.folder).await?;
        if is_published(&site, entry).await? {
            continue;
        }
        tokio::select! {
            () = shutdown.wait() => return Ok(()),
            () = tokio::time::sleep(PAUSE) => {}
        }
        let picture = match entry.pictures.first() {
            Some(picture) => Some((
                picture,
                seed::painted(&picture.subject, &entry.title).await?,
            )),
            None => None,
        };
        let new = New {
            kind: entry.kind,
            title: &entry.title,
            lead: &entry.lead,
            body: &entry.body,
            section: &entry.section,
            language: "vi",
            author: &entry.author,
            source: None,
            expires: None,
            own: Own::default(),
            picture,
            album: Vec::new(),
        };
        seed::publish_one(&site, new)
            .await
            .with_context(|| entry.file.clone())?;
        let unit = content
            .unit(&entry.unit)
            .map_or(entry.unit.as_str(), |unit| &unit.name);
        println!("{unit} vừa đăng: {}", entry.title);
    }
    shutdown.wait().await;
    Ok(())
}

async fn is_published(site: &shared::site::Site, entry: &SlowEntry) -> anyhow::Result<bool> {
    let known = record::Entity::find()
        .filter(record::Column::SiteId.eq(site.id))
        .filter(record::Column::Title.eq(&entry.title))
        .count(site.db.reader())
        .await?;
    Ok(known > 0)
}
