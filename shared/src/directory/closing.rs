//! What becomes of a portal whose unit is no more: an archive that says what took its place.

use super::site_record;
use crate::error::{Error, Result};
use crate::units::{self, Heir};
use crate::vietnamese;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// A portal that was closed, and who took over from its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// What its unit was called last.
    pub unit: String,
    /// Since when that is no more; none where nobody knows.
    pub since: Option<NaiveDate>,
    /// The legal act that rests on.
    pub basis: Option<String>,
    /// What it went into, who takes over first.
    pub heirs: Vec<Successor>,
}

/// A unit that took over, and where its portal answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Successor {
    /// The unit.
    pub unit: Uuid,
    /// What it is called.
    pub name: String,
    /// Where its portal answers, without a slash at the end; none while it has none.
    pub base_url: Option<String>,
}

/// Whether the portal `site` was closed, as far as is known here, and who took over.
pub async fn of_site<C: ConnectionTrait>(
    db: &C,
    site: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Closing>> {
    match site_record::find(db, site).await? {
        Some(record) if record.is_closed() => Ok(Some(of_unit(db, record.unit_id, now).await?)),
        _ => Ok(None),
    }
}

/// Who took over from `unit`, which is no more.
pub async fn of_unit<C: ConnectionTrait>(
    db: &C,
    unit: Uuid,
    now: DateTime<Utc>,
) -> Result<Closing> {
    let today = vietnamese::local(now).date_naive();
    let heirs = units::heirs(db, today, unit).await?;
    let ids: Vec<Uuid> = heirs.iter().map(|heir| heir.unit).chain([unit]).collect();
    let tree = units::some_on(db, today, &ids).await?;
    let mut successors = Vec::new();
    for heir in &heirs {
        let site = site_record::of_unit(db, heir.unit).await?;
        successors.push(Successor {
            unit: heir.unit,
            name: tree.name_of(heir.unit),
            base_url: site
                .filter(site_record::Model::is_active)
                .map(|site| site.base_url),
        });
    }
    let first: Option<&Heir> = heirs.first();
    Ok(Closing {
        unit: tree.name_of(unit),
        since: first.and_then(|heir| heir.since),
        basis: first.and_then(|heir| heir.basis.clone()),
        heirs: successors,
    })
}

impl Closing {
    /// The one portal that stands where this one stood; none where there are several, or none yet.
    pub fn successor(&self) -> Option<&str> {
        match self.heirs.as_slice() {
            [only] => only.base_url.as_deref(),
            _ => None,
        }
    }

    /// That nothing new is written here, why, and where to.
    pub fn refusal(&self) -> Error {
        let names: Vec<&str> = self.heirs.iter().map(|heir| heir.name.as_str()).collect();
        let into = match names.is_empty() {
            true => "đã kết thúc hoạt động".to_owned(),
            false => format!("nay thuộc {}", names.join(", ")),
        };
        let since = self
            .since
            .map(|day| format!(" từ ngày {}", day.format("%d/%m/%Y")))
            .unwrap_or_default();
        let basis = self
            .basis
            .as_ref()
            .map(|basis| format!(" theo {basis}"))
            .unwrap_or_default();
        let whereto = self
            .heirs
            .first()
            .and_then(|heir| heir.base_url.as_ref())
            .map(|base| format!(" Xin dùng trang {base}/."))
            .unwrap_or_default();
        Error::Conflict(format!(
            "Trang này chỉ còn để đọc: {} {into}{since}{basis}.{whereto}",
            self.unit
        ))
    }
}
