//! Roles and where they are granted, as fields of a form and back.

use crate::accounts::right::{Reach, TABLE};
use crate::accounts::{Grant, Role};
use crate::entries::section::Tree;
use crate::error::{Error, Result};
use crate::pages::templates::GrantField;
use crate::pages::view::Choice;
use crate::site::Site;

/// A field for every role the site offers, filled with `grants`. A role that is granted by section has
/// one more, for the next section.
pub(super) async fn fields(site: &Site, grants: &[Grant]) -> Result<Vec<GrantField>> {
    let sections = Tree::load(site.db.reader()).await?;
    let mut fields = Vec::new();
    for role in site.role.account_roles() {
        let of_role: Vec<&Grant> = grants.iter().filter(|grant| grant.role == *role).collect();
        let by_section = of_role.iter().all(|grant| grant.section.is_some());
        let blank = by_section.then_some(None);
        let filled = of_role.into_iter().map(Some);
        for (number, grant) in filled.chain(blank).enumerate() {
            fields.push(GrantField {
                id: format!("grant-{}-{number}", role.as_str()),
                label: match number {
                    0 => role.label().to_owned(),
                    _ => format!("{}, thêm chuyên mục", role.label()),
                },
                purpose: match number {
                    0 => role.purpose().to_owned(),
                    _ => String::new(),
                },
                choices: choices(*role, grant, &sections),
            });
        }
    }
    Ok(fields)
}

fn choices(role: Role, chosen: Option<&Grant>, sections: &Tree) -> Vec<Choice> {
    let chosen = chosen.map(Grant::to_string).unwrap_or_default();
    let choice = |value: String, label: &str| {
        let is_chosen = value == chosen;
        Choice::new(value, label, is_chosen)
    };
    let mut choices = vec![
        choice(String::new(), "Không giao"),
        choice(role.as_str().to_owned(), "Toàn trang"),
    ];
    if is_of_sections(role) {
        for section in sections.iter() {
            let label = format!("Chuyên mục {}", section.name);
            choices.push(choice(
                format!("{role}:{}", section.code, role = role.as_str()),
                &label,
            ));
        }
    }
    choices
}

/// Whether the role holds a right that can be granted for a section.
fn is_of_sections(role: Role) -> bool {
    TABLE
        .iter()
        .any(|row| row.reach == Reach::Section && row.roles.contains(&role))
}

/// What the fields of a form grant.
pub(super) fn granted(sent: &[String]) -> Result<Vec<Grant>> {
    let mut grants = Vec::new();
    for text in sent.iter().filter(|text| !text.is_empty()) {
        let grant = Grant::parse(text)
            .ok_or_else(|| Error::invalid("role", "Hãy chọn vai trò trong danh sách."))?;
        grants.push(grant);
    }
    grants.sort();
    grants.dedup();
    // Who has a role everywhere has it in every section.
    let whole: Vec<Role> = grants
        .iter()
        .filter(|grant| grant.section.is_none())
        .map(|grant| grant.role)
        .collect();
    grants.retain(|grant| grant.section.is_none() || !whole.contains(&grant.role));
    Ok(grants)
}
