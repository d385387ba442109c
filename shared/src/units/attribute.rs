//! What holds of a unit, from when until when.

use crate::error::Result;
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, DatabaseTransaction, QueryOrder, Set};
use serde::{Deserialize, Serialize};

/// A stored attribute.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_attributes")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whose.
    pub unit_id: Uuid,
    /// [`Name`] as text.
    pub name: String,
    /// Its value.
    pub value: String,
    /// First day, ISO 8601; none: since ever.
    pub valid_from: Option<String>,
    /// Last day; none: until further notice.
    pub valid_to: Option<String>,
    /// The legal act it rests on.
    pub basis: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The attributes a unit can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// Full name, such as "xã Kon Braih".
    Name,
    /// Name without its kind, for narrow places.
    ShortName,
    /// Code of its kind: `tinh`, `huyen`, `xa`, `phuong`, `dac_khu`, `thi_tran`, `so`, …
    Kind,
    /// The id of the unit above it.
    Parent,
    /// Statistics office code.
    GsoCode,
    /// Electronic identifier of the agency.
    AgencyEid,
    /// Host name of its portal.
    Host,
    /// Number of people living there.
    Population,
    /// The id of the unit it went into.
    MergedInto,
    /// The id of one of the units it was split into.
    SplitInto,
}

impl Name {
    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::ShortName => "short_name",
            Self::Kind => "kind",
            Self::Parent => "parent",
            Self::GsoCode => "gso_code",
            Self::AgencyEid => "agency_eid",
            Self::Host => "host",
            Self::Population => "population",
            Self::MergedInto => "merged_into",
            Self::SplitInto => "split_into",
        }
    }
}

/// An attribute as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Which.
    pub name: Name,
    /// Its value.
    pub value: String,
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// The legal act it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
}

impl Attribute {
    /// An attribute without dates.
    pub fn always(name: Name, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            valid_from: None,
            valid_to: None,
            basis: None,
        }
    }

    /// Whether it holds on `day`.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}

impl Model {
    /// As it travels.
    pub fn told(self) -> Result<Attribute> {
        let name = serde_json::from_value(serde_json::Value::String(self.name))
            .map_err(anyhow::Error::new)?;
        let day = |text: Option<String>| text.map(|text| text.parse::<NaiveDate>()).transpose();
        Ok(Attribute {
            name,
            value: self.value,
            valid_from: day(self.valid_from).map_err(anyhow::Error::new)?,
            valid_to: day(self.valid_to).map_err(anyhow::Error::new)?,
            basis: self.basis,
        })
    }

    /// Whether it holds on `day`. ISO dates sort as text.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        let day = day.to_string();
        self.valid_from.as_ref().is_none_or(|from| *from <= day)
            && self.valid_to.as_ref().is_none_or(|to| day <= *to)
    }
}

/// Every attribute of every unit.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::Id).all(db).await?)
}

/// Every attribute of the units in `units`.
pub async fn of_units<C: ConnectionTrait>(db: &C, units: &[Uuid]) -> Result<Vec<Model>> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::UnitId.is_in(units.iter().copied()))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// The attributes of one unit.
pub async fn of_unit<C: ConnectionTrait>(db: &C, unit: Uuid) -> Result<Vec<Attribute>> {
    let rows = Entity::find()
        .filter(Column::UnitId.eq(unit))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(Model::told).collect()
}

/// The attributes called one of `names` that have this very value, whosever they are.
pub async fn having<C: ConnectionTrait>(db: &C, names: &[Name], value: &str) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Name.is_in(names.iter().map(|name| name.as_str())))
        .filter(Column::Value.eq(value))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Makes `attributes` all that holds of `unit`.
pub async fn replace(tx: &DatabaseTransaction, unit: Uuid, attributes: &[Attribute]) -> Result<()> {
    Entity::delete_many()
        .filter(Column::UnitId.eq(unit))
        .exec(tx)
        .await?;
    for attribute in attributes {
        ActiveModel {
            id: NotSet,
            unit_id: Set(unit),
            name: Set(attribute.name.as_str().to_owned()),
            value: Set(attribute.value.clone()),
            valid_from: Set(attribute.valid_from.map(|day| day.to_string())),
            valid_to: Set(attribute.valid_to.map(|day| day.to_string())),
            basis: Set(attribute.basis.clone()),
        }
        .insert(tx)
        .await?;
    }
    Ok(())
}
