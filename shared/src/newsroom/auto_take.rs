//! Sections whose arrivals are shown without anybody deciding each time.

use super::inbox::{self, Decision, Taking};
use crate::entries::{Placing, placement, record, section};
use crate::error::{Error, Result};
use crate::site::Site;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, Set};

/// That what arrives in a section is taken.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auto_takes")]
pub struct Model {
    /// The section at the origin.
    #[sea_orm(primary_key, auto_increment = false)]
    pub section: String,
    /// Where it stands here.
    pub placed_in: String,
    /// Who decided so.
    pub decided_by: Uuid,
    /// Since when; milliseconds.
    pub since: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// All of them.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::Section).all(db).await?)
}

/// From now on takes what arrives in `section` and puts it into `placed_in`.
pub async fn begin(
    tx: &DatabaseTransaction,
    section: &str,
    placed_in: &str,
    by: Uuid,
    now: i64,
) -> Result<()> {
    if section::find(tx, section).await?.is_none() {
        return Err(Error::invalid(
            "section",
            "Hãy chọn chuyên mục của bài gửi đến.",
        ));
    }
    if section::find(tx, placed_in).await?.is_none() {
        return Err(Error::invalid("placed_in", "Hãy chọn chuyên mục để đăng."));
    }
    Entity::insert(ActiveModel {
        section: Set(section.to_owned()),
        placed_in: Set(placed_in.to_owned()),
        decided_by: Set(by),
        since: Set(now),
    })
    .on_conflict(
        OnConflict::column(Column::Section)
            .update_columns([Column::PlacedIn, Column::DecidedBy, Column::Since])
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Leaves what arrives in `section` to people again.
pub async fn end(tx: &DatabaseTransaction, section: &str) -> Result<()> {
    Entity::delete_by_id(section.to_owned()).exec(tx).await?;
    Ok(())
}

/// Takes `entry_id`, which has just arrived, if its section is taken. What somebody here sent back is
/// left to people. Whether it was taken.
pub async fn take(tx: &DatabaseTransaction, site: &Site, entry_id: Uuid) -> Result<bool> {
    let Some(entry) = record::find(tx, entry_id).await? else {
        return Ok(false);
    };
    let Some(rule) = Entity::find_by_id(entry.section.clone()).one(tx).await? else {
        return Ok(false);
    };
    let waits = placement::find(tx, entry_id)
        .await?
        .is_some_and(|placed| placed.state == Placing::Inbox.as_str() && placed.reason.is_none());
    // A section that was removed since takes nothing.
    let has_place = section::find(tx, &rule.placed_in).await?.is_some();
    if !waits || !has_place || !entry.is_live() {
        return Ok(false);
    }
    let taking = Taking {
        section: rule.placed_in,
        ..Taking::default()
    };
    let decision = Decision::Accept(taking);
    inbox::decide(tx, site, entry_id, entry.rev, decision, rule.decided_by).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Role;
    use crate::entries::Mode;
    use crate::testing::{self, Setup, TestSite, press};

    /// An article of a neighbour, in the inbox.
    async fn arrives(from: &TestSite, to: &TestSite, section: &str) -> Uuid {
        let id = press::article("Mùa cà phê")
            .section(section)
            .publish(from)
            .await;
        testing::deliver(from, to, id).await;
        let (section, now) = (section.to_owned(), to.clock.now().timestamp_millis());
        to.db
            .write(move |tx| {
                Box::pin(
                    async move { placement::arrive(tx, id, &section, Mode::Suggested, now).await },
                )
            })
            .await
            .expect("arrives");
        id
    }

    async fn is_taken(site: &TestSite, id: Uuid) -> bool {
        let inner = std::sync::Arc::clone(site);
        site.db
            .write(move |tx| Box::pin(async move { take(tx, &inner, id).await }))
            .await
            .expect("is decided")
    }

    #[tokio::test]
    async fn what_arrives_in_a_chosen_section_is_shown_and_the_rest_waits() {
        let site = testing::site().await;
        let neighbour = Setup::default()
            .base_url("https://mangden.quangngai.example")
            .site()
            .await;
        let editor = testing::account(&site, Role::Editor).await.id;
        let waits = arrives(&neighbour, &site, "tin-tuc").await;
        assert!(
            !is_taken(&site, waits).await,
            "nobody chose the section yet"
        );
        site.db
            .write(move |tx| {
                Box::pin(async move { begin(tx, "tin-tuc", "van-ban", editor, 1).await })
            })
            .await
            .expect("is chosen");
        let shown = arrives(&neighbour, &site, "tin-tuc").await;
        assert!(is_taken(&site, shown).await);
        assert!(!is_taken(&site, shown).await, "it waits no longer");
        let placed = placement::find(site.db.reader(), shown).await;
        let placed = placed.expect("reads").expect("is placed");
        assert_eq!(placed.state, Placing::Shown.as_str());
        assert_eq!(placed.section, "van-ban");
        assert_eq!(placed.decided_by, Some(editor));
        let other = arrives(&neighbour, &site, "van-ban").await;
        assert!(!is_taken(&site, other).await, "another section");
        site.db
            .write(move |tx| {
                Box::pin(async move { begin(tx, "khong-co", "van-ban", editor, 1).await })
            })
            .await
            .expect_err("there is no such section");
    }
}
