//! What a route would do, before it is in force: who would receive by it, and what of late it would have carried.

use super::route::Route;
use super::targets::Subject;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use shared::directory::site_record;
use shared::entries::record::{Column, Entity};
use shared::error::Result;
use shared::sync::Selector;
use shared::sync::audience::Membership;
use shared::units::Tree;
use shared::vietnamese;
use uuid::Uuid;

/// Days that are looked back on.
pub const LOOKED_BACK: i64 = 30;
/// The newest entries among which examples are looked for.
const AMONG: u64 = 300;
/// Most examples.
const MOST_EXAMPLES: usize = 5;

/// What a route would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The members it reaches, by name.
    pub receivers: Vec<Receiver>,
    /// The names of those it does not.
    pub others: Vec<String>,
    /// Whether it leads to the province's own portal.
    pub to_province: bool,
    /// How many entries of the last [`LOOKED_BACK`] days it would have carried.
    pub carried: i64,
    /// The newest of them among all that is new: title and unit.
    pub examples: Vec<(String, String)>,
}

/// A member a route reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Its site.
    pub site: Uuid,
    /// Its name.
    pub name: String,
    /// How that is meant.
    pub standing: Standing,
}

/// Whether a member receives what is sent to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// At once.
    Connected,
    /// Once it goes on.
    Suspended,
    /// Once it has joined.
    Invited,
    /// Never by itself: its portal is another software and may read a feed at most.
    Foreign,
}

impl Standing {
    fn of(member: &site_record::Model) -> Self {
        use site_record::State;
        match () {
            () if member.is_feed() => Self::Foreign,
            () if member.is_active() => Self::Connected,
            () if member.state == State::Invited.as_str() => Self::Invited,
            () => Self::Suspended,
        }
    }
}

/// Whom `targets` select of `members`, and who is left: by name.
pub fn receivers(
    targets: &[Selector],
    members: &[site_record::Model],
    tree: &Tree,
) -> (Vec<Receiver>, Vec<String>) {
    let (mut chosen, mut others) = (Vec::new(), Vec::new());
    for member in members {
        let membership = Membership {
            unit: member.unit_id,
            is_upstream: false,
        };
        let name = tree.name_of(member.unit_id);
        match targets.iter().any(|set| set.selects(&membership, tree)) {
            true => chosen.push(Receiver {
                site: member.id,
                name,
                standing: Standing::of(member),
            }),
            false => others.push(name),
        }
    }
    chosen.sort_by_cached_key(|receiver| vietnamese::fold(&receiver.name));
    others.sort_by_cached_key(|name| vietnamese::fold(name));
    (chosen, others)
}

/// What `route` would do at the portal `own` of `province`, by what it holds `now`.
pub async fn preview<C: ConnectionTrait>(
    db: &C,
    route: &Route,
    (own, province): (Uuid, Uuid),
    now: DateTime<Utc>,
) -> Result<Preview> {
    let tree = shared::units::tree_on(db, vietnamese::local(now).date_naive()).await?;
    let mut members = site_record::all(db).await?;
    members.retain(|member| member.id != own && !member.is_closed());
    let (receivers, others) = receivers(&route.targets, &members, &tree);
    let carries = |unit: Uuid, section: &str, kind: &str| {
        let subject = Subject {
            unit,
            section,
            kind,
        };
        route.source.carries(&subject, &tree, province)
    };
    let since = (now - TimeDelta::days(LOOKED_BACK)).timestamp_millis();
    let recent = Entity::find()
        .select_only()
        .columns([Column::UnitId, Column::Section, Column::Kind])
        .filter(Column::State.eq("live"))
        .filter(Column::PublishedAt.gte(since));
    let counted: Vec<(Uuid, String, String, i64)> = recent
        .clone()
        .column_as(Column::Id.count(), "entries")
        .group_by(Column::UnitId)
        .group_by(Column::Section)
        .group_by(Column::Kind)
        .into_tuple()
        .all(db)
        .await?;
    let newest: Vec<(Uuid, String, String, String)> = recent
        .column(Column::Title)
        .order_by_desc(Column::PublishedAt)
        .limit(AMONG)
        .into_tuple()
        .all(db)
        .await?;
    Ok(Preview {
        receivers,
        others,
        // Only a route that names it leads there: nothing arrives twice by a wider one.
        to_province: route.targets.contains(&Selector::Unit(province)),
        carried: counted
            .iter()
            .filter(|(unit, section, kind, _)| carries(*unit, section, kind))
            .map(|(.., entries)| entries)
            .sum(),
        examples: newest
            .into_iter()
            .filter(|(unit, section, kind, _)| carries(*unit, section, kind))
            .take(MOST_EXAMPLES)
            .map(|(unit, _, _, title)| (title, tree.name_of(unit)))
            .collect(),
    })
}
