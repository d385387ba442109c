//! A site's own decision about an entry: where it stands here, or why it does not.

use super::publication;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Set};
use serde::{Deserialize, Serialize};

/// A stored placement.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "placements")]
pub struct Model {
    /// Of which entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: Uuid,
    /// [`Placing`] by name.
    pub state: String,
    /// [`Mode`] by name.
    pub mode: String,
    /// The section it stands in here.
    pub section: String,
    /// Title of our own.
    pub title: Option<String>,
    /// Introduction of our own.
    pub lead: Option<String>,
    /// Whether it leads the front page.
    pub featured: bool,
    /// When it came to us; milliseconds.
    pub arrived_at: i64,
    /// When it was decided upon; milliseconds.
    pub decided_at: Option<i64>,
    /// By whom.
    pub decided_by: Option<Uuid>,
    /// Why it was returned.
    pub reason: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Where an entry stands on a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placing {
    /// Waiting for a decision.
    Inbox,
    /// On the public pages.
    Shown,
    /// Passed over, quietly.
    Skipped,
    /// Sent back to its authors with a reason.
    Returned,
}

impl Placing {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Shown => "shown",
            Self::Skipped => "skipped",
            Self::Returned => "returned",
        }
    }

    /// The placing of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Inbox, Self::Shown, Self::Skipped, Self::Returned]
            .into_iter()
            .find(|placing| placing.as_str() == name)
    }
}

/// How an entry was sent to a site. Ordered: the stronger of two wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Listed in a feed for the site; not delivered.
    FeedOnly,
    /// Into the newsroom's inbox.
    Suggested,
    /// Published at once and read-only.
    Mandatory,
    /// Written here.
    Own,
}

impl Mode {
    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FeedOnly => "feed_only",
            Self::Suggested => "suggested",
            Self::Mandatory => "mandatory",
            Self::Own => "own",
        }
    }

    /// The mode of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::FeedOnly, Self::Suggested, Self::Mandatory, Self::Own]
            .into_iter()
            .find(|mode| mode.as_str() == name)
    }

    /// Where an entry sent this way stands at first; `None` if it is not delivered at all.
    pub fn first_placing(self) -> Option<Placing> {
        match self {
            Self::FeedOnly => None,
            Self::Suggested => Some(Placing::Inbox),
            Self::Mandatory | Self::Own => Some(Placing::Shown),
        }
    }
}

/// The placement of `entry_id` here.
pub async fn find<C: ConnectionTrait>(db: &C, entry_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(entry_id).one(db).await?)
}

/// Where an entry stands that arrived in `mode`, and in which mode, if that changes anything; `known` is
/// where it stood. What a person decided stands, but a mandatory entry is shown whatever was decided.
pub fn arrival(known: Option<(Mode, Placing)>, mode: Mode) -> Option<(Mode, Placing)> {
    let first = mode.first_placing()?;
    match known {
        None => Some((mode, first)),
        Some((known, placing)) if mode > known => Some(match first {
            Placing::Shown => (mode, Placing::Shown),
            _ => (mode, placing),
        }),
        Some(_) => None,
    }
}

/// Places an entry that arrived in `mode`. What a person decided before stands, but a mandatory
/// entry is shown whatever was decided.
pub async fn arrive(
    tx: &DatabaseTransaction,
    entry_id: Uuid,
    section: &str,
    mode: Mode,
    now: i64,
) -> Result<()> {
    if mode.first_placing().is_none() {
        return Ok(());
    }
    let known = find(tx, entry_id).await?;
    let stands = known.as_ref().map(|known| {
        let placing = Placing::parse(&known.state).unwrap_or(Placing::Inbox);
        (Mode::parse(&known.mode).unwrap_or(Mode::FeedOnly), placing)
    });
    let arrival = arrival(stands, mode);
    if let Some(known) = known {
        if let Some((mode, placing)) = arrival {
            let mut change: ActiveModel = known.into();
            change.mode = Set(mode.as_str().to_owned());
            if mode.first_placing() == Some(Placing::Shown) {
                change.state = Set(placing.as_str().to_owned());
                change.decided_at = Set(Some(now));
            }
            change.update(tx).await?;
        }
        return publication::keep_up(tx, entry_id, now).await;
    }
    let Some((mode, placing)) = arrival else {
        return Ok(());
    };
    Entity::insert(ActiveModel {
        entry_id: Set(entry_id),
        state: Set(placing.as_str().to_owned()),
        mode: Set(mode.as_str().to_owned()),
        section: Set(section.to_owned()),
        title: Set(None),
        lead: Set(None),
        featured: Set(false),
        arrived_at: Set(now),
        decided_at: Set((placing == Placing::Shown).then_some(now)),
        decided_by: Set(None),
        reason: Set(None),
    })
    .on_conflict(OnConflict::column(Column::EntryId).do_nothing().to_owned())
    .exec_without_returning(tx)
    .await?;
    publication::keep_up(tx, entry_id, now).await
}

/// Places an entry of our own where its draft says.
pub async fn place_own(
    tx: &DatabaseTransaction,
    entry_id: Uuid,
    section: &str,
    featured: bool,
    now: i64,
) -> Result<()> {
    arrive(tx, entry_id, section, Mode::Own, now).await?;
    Entity::update_many()
        .col_expr(Column::Section, Expr::value(section))
        .col_expr(Column::Featured, Expr::value(featured))
        .filter(Column::EntryId.eq(entry_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets an entry that was returned and has been revised since wait for a decision again.
pub async fn wait_again(tx: &DatabaseTransaction, entry_id: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(Placing::Inbox.as_str()))
        .col_expr(Column::DecidedAt, Expr::value(None::<i64>))
        .col_expr(Column::DecidedBy, Expr::value(None::<Uuid>))
        .filter(Column::EntryId.eq(entry_id))
        .filter(Column::State.eq(Placing::Returned.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A person's decision about an entry.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Where it is to stand.
    pub placing: Placing,
    /// By whom.
    pub by: Uuid,
    /// Section here; none keeps the one it has.
    pub section: Option<String>,
    /// Title of our own; none keeps the origin's.
    pub title: Option<String>,
    /// Introduction of our own; none keeps the origin's.
    pub lead: Option<String>,
    /// Whether it is to lead the front page.
    pub featured: bool,
    /// Why, when it is returned.
    pub reason: Option<String>,
}

/// Records `decision` about `entry_id`; `None` if it never arrived here.
pub async fn decide(
    tx: &DatabaseTransaction,
    entry_id: Uuid,
    decision: Decision,
    now: i64,
) -> Result<Option<Model>> {
    let Some(known) = find(tx, entry_id).await? else {
        return Ok(None);
    };
    let mut change: ActiveModel = known.into();
    change.state = Set(decision.placing.as_str().to_owned());
    change.decided_at = Set(Some(now));
    change.decided_by = Set(Some(decision.by));
    change.reason = Set(decision.reason);
    if let Some(section) = decision.section {
        change.section = Set(section);
    }
    change.title = Set(decision.title);
    change.lead = Set(decision.lead);
    change.featured = Set(decision.featured);
    let decided = change.update(tx).await?;
    publication::keep_up(tx, entry_id, now).await?;
    Ok(Some(decided))
}

/// Lets an entry that was recalled and corrected since wait for a decision again, where it was shown
/// because somebody here had decided so.
pub async fn reconsider(tx: &DatabaseTransaction, entry_id: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(Placing::Inbox.as_str()))
        .col_expr(Column::DecidedAt, Expr::value(None::<i64>))
        .col_expr(Column::DecidedBy, Expr::value(None::<Uuid>))
        .filter(Column::EntryId.eq(entry_id))
        .filter(Column::Mode.eq(Mode::Suggested.as_str()))
        .filter(Column::State.eq(Placing::Shown.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}
