//! A route and its table.

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use shared::entries::Mode;
use shared::error::{Error, Result};
use shared::log::Lane;
use shared::sync::Selector;

/// A stored route.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "routes")]
pub struct Model {
    /// Route id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// [`Source`] as JSON.
    pub source: String,
    /// A list of [`Selector`]s as JSON.
    pub targets: String,
    /// [`Mode`] by name.
    pub mode: String,
    /// [`Moment`] by name.
    pub moment: String,
    /// [`Lane`] by name, where it is not the event's own.
    pub lane: Option<String>,
    /// Whether it is in force.
    pub active: bool,
    /// Its place in the list.
    pub position: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a route carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Whose entries; none: those of every member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Selector>,
    /// Only these sections; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<String>,
    /// Only these kinds; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
}

/// When a route takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// When the entry reaches the hub.
    Arrival,
    /// When the province accepts it.
    Acceptance,
}

impl Moment {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arrival => "arrival",
            Self::Acceptance => "acceptance",
        }
    }

    /// The moment of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Arrival, Self::Acceptance]
            .into_iter()
            .find(|moment| moment.as_str() == name)
    }
}

/// Who receives what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Route id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// What it carries.
    pub source: Source,
    /// To whom: all who are in one of these sets.
    pub targets: Vec<Selector>,
    /// How.
    pub mode: Mode,
    /// When.
    pub moment: Moment,
    /// In which lane, where it is not the event's own.
    pub lane: Option<Lane>,
    /// Whether it is in force.
    pub active: bool,
}

impl Route {
    /// A new route in force.
    pub fn new(name: &str, source: Source, target: Selector, mode: Mode, moment: Moment) -> Self {
        Self {
            id: Uuid::now_v7(),
            name: name.to_owned(),
            source,
            targets: vec![target],
            mode,
            moment,
            lane: None,
            active: true,
        }
    }
}

impl TryFrom<Model> for Route {
    type Error = anyhow::Error;

    fn try_from(stored: Model) -> anyhow::Result<Self> {
        let unknown = |what: &str, value: &str| {
            anyhow::anyhow!("route {}: unknown {what} {value}", stored.id)
        };
        Ok(Self {
            id: stored.id,
            source: serde_json::from_str(&stored.source)?,
            targets: serde_json::from_str(&stored.targets)?,
            mode: Mode::parse(&stored.mode).ok_or_else(|| unknown("mode", &stored.mode))?,
            moment: Moment::parse(&stored.moment)
                .ok_or_else(|| unknown("moment", &stored.moment))?,
            lane: stored.lane.as_deref().and_then(Lane::parse),
            active: stored.active,
            name: stored.name,
        })
    }
}

/// All routes, in their order.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Route>> {
    let stored = Entity::find()
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let routes: anyhow::Result<Vec<Route>> = stored.into_iter().map(Route::try_from).collect();
    Ok(routes?)
}

/// The route `id`.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Route> {
    let stored = Entity::find_by_id(id).one(db).await?;
    let route = stored.ok_or(Error::NotFound)?.try_into();
    Ok(route?)
}

/// Adds a route at the end of the list.
pub async fn add<C: ConnectionTrait>(db: &C, route: &Route) -> Result<()> {
    let last: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(Column::Position.max(), "last")
        .into_tuple()
        .one(db)
        .await?;
    let mut stored = stored(route)?;
    stored.position = Set(last.flatten().map_or(0, |last| last + 1));
    stored.insert(db).await?;
    Ok(())
}

/// Puts `route` in the place of what it was.
pub async fn replace<C: ConnectionTrait>(db: &C, route: &Route) -> Result<()> {
    // Fails where somebody removed it meanwhile.
    find(db, route.id).await?;
    stored(route)?.update(db).await?;
    Ok(())
}

/// All of it but its place in the list.
fn stored(route: &Route) -> Result<ActiveModel> {
    let json = |text: serde_json::Result<String>| text.map_err(anyhow::Error::new);
    Ok(ActiveModel {
        id: Set(route.id),
        name: Set(route.name.clone()),
        source: Set(json(serde_json::to_string(&route.source))?),
        targets: Set(json(serde_json::to_string(&route.targets))?),
        mode: Set(route.mode.as_str().to_owned()),
        moment: Set(route.moment.as_str().to_owned()),
        lane: Set(route.lane.map(|lane| lane.to_string())),
        active: Set(route.active),
        ..Default::default()
    })
}

/// Puts a route in force or out of it, whichever it is not.
pub async fn switch<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<()> {
    let Some(route) = Entity::find_by_id(id).one(db).await? else {
        return Err(Error::NotFound);
    };
    let active = !route.active;
    let mut change: ActiveModel = route.into();
    change.active = Set(active);
    change.update(db).await?;
    Ok(())
}

/// Removes a route. What it carried stays where it is.
pub async fn remove<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<()> {
    let removed = Entity::delete_by_id(id).exec(db).await?;
    match removed.rows_affected {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

/// The routes a new province begins with: members suggest to the provincial portal, the province's
/// notices go to everyone at once, its articles are suggested, and so is what it accepts.
pub fn defaults(province: Uuid) -> Vec<Route> {
    let kinds = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let from_province = |kinds| Source {
        from: Some(Selector::Unit(province)),
        sections: Vec::new(),
        kinds,
    };
    let from_members = Source {
        // All that is new to somebody elsewhere; what a unit says of itself stays with it.
        kinds: kinds(&[
            "article",
            "notice",
            "document",
            "consultation",
            "question",
            "poll",
            "album",
            "video",
            "calendar",
        ]),
        ..Source::default()
    };
    vec![
        Route::new(
            "Tin các đơn vị gửi lên cổng tỉnh",
            from_members.clone(),
            Selector::Unit(province),
            Mode::Suggested,
            Moment::Arrival,
        ),
        Route::new(
            "Thông báo của tỉnh đăng trên mọi trang",
            from_province(kinds(&["notice"])),
            Selector::Everyone,
            Mode::Mandatory,
            Moment::Arrival,
        ),
        Route::new(
            "Tin của tỉnh gợi ý cho các đơn vị",
            from_province(kinds(&[
                "article",
                "document",
                "consultation",
                "question",
                "poll",
                "album",
                "video",
                "calendar",
            ])),
            Selector::Everyone,
            Mode::Suggested,
            Moment::Arrival,
        ),
        Route::new(
            "Tin đã được tỉnh tiếp nhận gợi ý cho các đơn vị",
            from_members,
            Selector::Everyone,
            Mode::Suggested,
            Moment::Acceptance,
        ),
    ]
}
