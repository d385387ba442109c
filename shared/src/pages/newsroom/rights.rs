//! `/quan-tri/quyen`: who may do what, from the table the checks come from.

use super::around::AtDesk;
use crate::accounts::right::{Reach, TABLE};
use crate::accounts::{Role, account, grant};
use crate::error::Result;
use crate::pages::templates::{RightRow, RightsPage, RoleRow};
use axum::response::Response;

/// The page.
pub(super) const PATH: &str = "/quan-tri/quyen";

pub(super) async fn show(at: AtDesk) -> Result<Response> {
    let offered = at.site.role.account_roles();
    let rights = TABLE.iter().filter_map(|row| {
        let holders: Vec<&str> = offered
            .iter()
            .filter(|role| row.roles.contains(role))
            .map(|role| role.label())
            .collect();
        (!holders.is_empty()).then(|| RightRow {
            words: row.words.to_owned(),
            in_sections: row.reach == Reach::Section,
            roles: holders.join(", "),
            is_mine: at.user.may(row.right),
        })
    });
    let page = RightsPage {
        desk: at.desk("Ai được làm gì", PATH).await?,
        roles: roles(&at, offered).await?,
        rights: rights.collect(),
    };
    at.answer(&page)
}

async fn roles(at: &AtDesk, offered: &[Role]) -> Result<Vec<RoleRow>> {
    let db = at.site.db.reader();
    let granted = grant::of_all(db).await?;
    let people = account::list(db).await?;
    let names = |role: Role| -> Vec<&str> {
        people
            .iter()
            .filter(|account| account.active)
            .filter(|account| {
                let grants = granted.get(&account.id);
                grants.is_some_and(|grants| grants.iter().any(|grant| grant.role == role))
            })
            .map(|account| account.name.as_str())
            .collect()
    };
    Ok(offered
        .iter()
        .map(|role| RoleRow {
            label: role.label().to_owned(),
            purpose: role.purpose().to_owned(),
            holders: names(*role).join(", "),
            is_powerful: !at.site.profile.is_demo && role.is_powerful(),
        })
        .collect())
}
