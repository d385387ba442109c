//! What an account was given: roles, each for the whole site or for a section and all that lies in it.

use super::account;
use super::right::{Reach, Right};
use super::role::Role;
use crate::entries::section::Tree;
use crate::error::{Error, Result};
use crate::site::Site;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, Set};
use std::collections::{BTreeSet, HashMap};

/// A stored grant.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// [`Role`] by name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: String,
    /// Code of the section it is for; empty for the whole site.
    #[sea_orm(primary_key, auto_increment = false)]
    pub section: String,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A role, for the whole site or for a section.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The code of the section; none for the whole site.
    pub section: Option<String>,
}

impl From<Role> for Grant {
    fn from(role: Role) -> Self {
        Self {
            role,
            section: None,
        }
    }
}

impl Grant {
    /// Reads `role` or `role:section`, as the command line and forms write it.
    pub fn parse(text: &str) -> Option<Self> {
        let (role, section) = match text.split_once(':') {
            Some((role, section)) if !section.is_empty() => (role, Some(section.to_owned())),
            Some(_) => return None,
            None => (text, None),
        };
        Some(Self {
            role: Role::parse(role)?,
            section,
        })
    }

    /// In words: `Biên tập viên`, `Biên tập viên (Kinh tế)`.
    pub fn label(&self, sections: &Tree) -> String {
        match &self.section {
            None => self.role.label().to_owned(),
            Some(code) => {
                let name = sections
                    .get(code)
                    .map_or(code.as_str(), |found| &found.name);
                format!("{} ({name})", self.role.label())
            }
        }
    }
}

impl std::fmt::Display for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.role.as_str())?;
        match &self.section {
            Some(section) => write!(f, ":{section}"),
            None => Ok(()),
        }
    }
}

impl Model {
    /// What it says; none for a role of a later version.
    fn grant(&self) -> Option<Grant> {
        Some(Grant {
            role: Role::parse(&self.role)?,
            section: Some(self.section.clone()).filter(|section| !section.is_empty()),
        })
    }
}

/// What an account was given.
pub async fn of<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<Vec<Grant>> {
    let mut grants: Vec<Grant> = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .all(db)
        .await?
        .iter()
        .filter_map(Model::grant)
        .collect();
    grants.sort();
    Ok(grants)
}

/// How many people hold `right` anywhere: accounts that are switched on.
pub async fn count_holders<C: ConnectionTrait>(db: &C, right: Right) -> Result<usize> {
    let grants = of_all(db).await?;
    let holds = |account: &account::Model| {
        let roles = grants.get(&account.id);
        roles.is_some_and(|roles| roles.iter().any(|one| one.role.may(right)))
    };
    let accounts = account::list(db).await?;
    Ok(accounts
        .iter()
        .filter(|account| account.active && holds(account))
        .count())
}

/// What every account was given.
pub async fn of_all<C: ConnectionTrait>(db: &C) -> Result<HashMap<Uuid, Vec<Grant>>> {
    let mut all: HashMap<Uuid, Vec<Grant>> = HashMap::new();
    for row in Entity::find().order_by_asc(Column::Role).all(db).await? {
        all.entry(row.account_id).or_default().extend(row.grant());
    }
    for grants in all.values_mut() {
        grants.sort();
    }
    Ok(all)
}

/// Gives an account exactly `grants`. Those who change what an account may do call
/// [`account::set_grants`](super::account::set_grants).
pub(super) async fn replace(
    tx: &DatabaseTransaction,
    account_id: Uuid,
    grants: &[Grant],
) -> Result<()> {
    Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .exec(tx)
        .await?;
    for grant in grants.iter().collect::<BTreeSet<_>>() {
        Entity::insert(ActiveModel {
            account_id: Set(account_id),
            role: Set(grant.role.as_str().to_owned()),
            section: Set(grant.section.clone().unwrap_or_default()),
        })
        .exec_without_returning(tx)
        .await?;
    }
    Ok(())
}

/// Refuses roles this site does not offer, and sections it does not have.
pub async fn check<C: ConnectionTrait>(db: &C, site: &Site, grants: &[Grant]) -> Result<()> {
    if grants.is_empty() {
        return Err(Error::invalid("role", "Hãy chọn ít nhất một vai trò."));
    }
    let offered = site.role.account_roles();
    let sections = Tree::load(db).await?;
    for grant in grants {
        if !offered.contains(&grant.role) {
            let words = format!("Trang này không có vai trò {}.", grant.role.label());
            return Err(Error::invalid("role", words));
        }
        if let Some(code) = &grant.section
            && sections.get(code).is_none()
        {
            let words = format!("Trang này không có chuyên mục {code}.");
            return Err(Error::invalid("role", words));
        }
    }
    Ok(())
}

/// Where somebody holds a right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// On the whole site.
    Whole,
    /// In these sections; nowhere if there are none.
    Sections(BTreeSet<String>),
}

impl Scope {
    /// Whether the right is held in `section`. What has no section yet is everybody's who holds it
    /// anywhere: it gets one before it is published.
    pub fn covers(&self, section: &str) -> bool {
        match self {
            Self::Whole => true,
            Self::Sections(sections) => {
                sections.contains(section) || (section.is_empty() && !sections.is_empty())
            }
        }
    }

    /// Whether the right is held anywhere.
    pub fn is_somewhere(&self) -> bool {
        !matches!(self, Self::Sections(sections) if sections.is_empty())
    }
}

/// All that an account may do here, with sections spread out to what lies in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights(Vec<(Role, Option<BTreeSet<String>>)>);

impl Rights {
    /// The rights of an account now.
    pub async fn load<C: ConnectionTrait>(db: &C, site: &Site, account_id: Uuid) -> Result<Self> {
        let grants = of(db, account_id).await?;
        let tree = match grants.iter().any(|grant| grant.section.is_some()) {
            true => Tree::load(db).await?,
            false => Tree::default(),
        };
        Ok(Self::new(&grants, site.role.account_roles(), &tree))
    }

    /// What `grants` are worth where `offered` roles mean something.
    pub fn new(grants: &[Grant], offered: &[Role], tree: &Tree) -> Self {
        let grants = grants.iter().filter(|grant| offered.contains(&grant.role));
        let spread = |section: &String| tree.with_below(section).into_iter().collect();
        Self(
            grants
                .map(|grant| (grant.role, grant.section.as_ref().map(spread)))
                .collect(),
        )
    }

    /// Where `right` is held.
    pub fn scope(&self, right: Right) -> Scope {
        let mut sections = BTreeSet::new();
        let holders = self.0.iter().filter(|(role, _)| role.may(right));
        for (_, within) in holders {
            match within {
                None => return Scope::Whole,
                Some(within) if right.reach() == Reach::Section => {
                    sections.extend(within.iter().cloned());
                }
                // Half of a site's accounts or links are nobody's.
                Some(_) => {}
            }
        }
        Scope::Sections(sections)
    }

    /// Whether `right` is held anywhere.
    pub fn may(&self, right: Right) -> bool {
        self.scope(right).is_somewhere()
    }

    /// Whether `right` is held in `section`.
    pub fn may_in(&self, right: Right, section: &str) -> bool {
        self.scope(right).covers(section)
    }

    /// Whether somebody with these rights may change what the public sees, or who may do so.
    pub fn are_powerful(&self) -> bool {
        self.0.iter().any(|(role, _)| role.is_powerful())
    }

    /// The roles, in the order of lists, each once.
    pub fn roles(&self) -> BTreeSet<Role> {
        self.0.iter().map(|(role, _)| *role).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::section;

    fn tree() -> Tree {
        let section = |code: &str, parent: Option<&str>| section::Model {
            code: code.to_owned(),
            parent: parent.map(str::to_owned),
            name: code.to_owned(),
            mandatory: false,
            in_menu: true,
            position: 0,
            basis: None,
            own: false,
            hidden: false,
            province_code: None,
        };
        Tree::of(vec![
            section("tin-tuc", None),
            section("kinh-te", Some("tin-tuc")),
            section("van-ban", None),
        ])
    }

    fn rights(grants: &[&str]) -> Rights {
        let grants: Vec<Grant> = grants
            .iter()
            .map(|text| Grant::parse(text).expect("a grant"))
            .collect();
        Rights::new(&grants, Role::OF_EVERY_SITE, &tree())
    }

    #[test]
    fn a_grant_is_written_as_it_is_read() {
        for text in ["editor", "editor:kinh-te"] {
            assert_eq!(Grant::parse(text).expect("a grant").to_string(), text);
        }
        for wrong in ["", "root", "editor:", ":kinh-te"] {
            assert_eq!(Grant::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_right_is_held_where_it_was_given_and_below() {
        for (grants, right, section, held) in [
            (&["editor"][..], Right::EditOthers, "van-ban", true),
            (&["editor"], Right::Publish, "van-ban", false),
            (&["editor:tin-tuc"], Right::EditOthers, "tin-tuc", true),
            (&["editor:tin-tuc"], Right::EditOthers, "kinh-te", true),
            (&["editor:tin-tuc"], Right::EditOthers, "van-ban", false),
            (&["editor:kinh-te"], Right::EditOthers, "tin-tuc", false),
            (&["editor:kinh-te"], Right::EditOthers, "", true),
            (&["editor:gone"], Right::EditOthers, "kinh-te", false),
            (&["editor:gone"], Right::EditOthers, "", false),
            (
                &["contributor", "approver:van-ban"],
                Right::Publish,
                "van-ban",
                true,
            ),
            (
                &["contributor", "approver:van-ban"],
                Right::Publish,
                "kinh-te",
                false,
            ),
            (&[], Right::WriteDraft, "", false),
        ] {
            let rights = rights(grants);
            assert_eq!(
                rights.may_in(right, section),
                held,
                "{grants:?} {right:?} {section:?}"
            );
        }
    }

    #[test]
    fn a_section_gives_no_right_over_the_whole_site() {
        assert!(!rights(&["admin:tin-tuc"]).may(Right::ManageAccounts));
        assert!(rights(&["admin"]).may(Right::ManageAccounts));
        assert!(!rights(&["editor:tin-tuc"]).may(Right::DecideInbox));
    }

    #[test]
    fn a_role_the_site_does_not_offer_means_nothing() {
        assert!(!rights(&["hub_admin"]).may(Right::ManageMembers));
    }
}
