//! What each role may do, in one table.

use serde::{Deserialize, Serialize};

/// A role in the newsroom. Ordered: each may do what the one before may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Cộng tác viên: writes, and hands in for approval.
    Contributor,
    /// Biên tập viên: works on everybody's drafts and on what others send.
    Editor,
    /// Người duyệt: decides what the public sees.
    Approver,
    /// Quản trị viên: also accounts, members and routes.
    Admin,
}

/// Something a person may or may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// Write drafts and hand them in.
    WriteDraft,
    /// Work on drafts that others wrote.
    EditOthers,
    /// Decide upon what other units sent. It was approved where it comes from.
    DecideInbox,
    /// See how the links to other sites are and what became of what was sent.
    SeeSync,
    /// Publish and revise, or send a draft back.
    Publish,
    /// Take a published entry back.
    Withdraw,
    /// Have refused items tried again, or set them aside.
    HandleRefusals,
    /// Take back what any unit of the province published.
    Recall,
    /// Invite, suspend and resume members.
    ManageMembers,
    /// Decide which entries travel where.
    ManageRoutes,
    /// Open and close accounts and change their roles.
    ManageAccounts,
}

/// The lowest role that has each right: the whole of authorisation.
const RIGHTS: [(Right, Role); 11] = [
    (Right::WriteDraft, Role::Contributor),
    (Right::EditOthers, Role::Editor),
    (Right::DecideInbox, Role::Editor),
    (Right::SeeSync, Role::Editor),
    (Right::Publish, Role::Approver),
    (Right::Withdraw, Role::Approver),
    (Right::HandleRefusals, Role::Approver),
    (Right::Recall, Role::Approver),
    (Right::ManageMembers, Role::Admin),
    (Right::ManageRoutes, Role::Admin),
    (Right::ManageAccounts, Role::Admin),
];

impl Role {
    /// All roles, the one with the fewest rights first.
    pub const ALL: [Self; 4] = [Self::Contributor, Self::Editor, Self::Approver, Self::Admin];

    /// Whether this role has `right`. What the table does not name nobody may do.
    pub fn may(self, right: Right) -> bool {
        RIGHTS
            .iter()
            .any(|(named, lowest)| *named == right && self >= *lowest)
    }

    /// Its name in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contributor => "contributor",
            Self::Editor => "editor",
            Self::Approver => "approver",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Contributor => "Cộng tác viên",
            Self::Editor => "Biên tập viên",
            Self::Approver => "Người duyệt",
            Self::Admin => "Quản trị viên",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Right::*;

    #[test]
    fn every_role_has_exactly_these_rights() {
        let all = [
            WriteDraft,
            EditOthers,
            DecideInbox,
            SeeSync,
            Publish,
            Withdraw,
            Recall,
            ManageMembers,
            ManageRoutes,
            ManageAccounts,
        ];
        let expected = [
            (Role::Contributor, &all[..1]),
            (Role::Editor, &all[..4]),
            (Role::Approver, &all[..7]),
            (Role::Admin, &all[..]),
        ];
        for (role, rights) in expected {
            for right in all {
                assert_eq!(
                    role.may(right),
                    rights.contains(&right),
                    "{role:?} {right:?}"
                );
            }
        }
    }

    #[test]
    fn names_come_back_and_others_mean_nothing() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("root"), None);
    }
}
