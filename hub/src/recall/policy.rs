//! Which recalls take two people.

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use shared::accounts::{Right, grant};
use shared::audit::{self, Action, Actor, Subject};
use shared::error::{Error, Result};
use shared::settings;

const SECOND_PERSON: &str = "recall_second_person";

/// When a second person has to confirm. The command line of the machine asks nobody: who may use it may do more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondPerson {
    /// Never: what leaks is gone at once.
    #[default]
    Never,
    /// For what cannot be taken back.
    ForErasure,
    /// For every recall.
    Always,
}

impl SecondPerson {
    /// All, the loosest first.
    pub const ALL: [Self; 3] = [Self::Never, Self::ForErasure, Self::Always];

    /// Its name in forms and in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::ForErasure => "for_erasure",
            Self::Always => "always",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Never => "Một người là đủ",
            Self::ForErasure => "Xóa hẳn cần người thứ hai xác nhận",
            Self::Always => "Mọi lệnh thu hồi cần người thứ hai xác nhận",
        }
    }

    /// Whether a recall takes two.
    pub fn is_needed(self, erase: bool) -> bool {
        match self {
            Self::Never => false,
            Self::ForErasure => erase,
            Self::Always => true,
        }
    }
}

/// What holds now.
pub async fn of<C: ConnectionTrait>(db: &C) -> Result<SecondPerson> {
    Ok(settings::get(db, SECOND_PERSON).await?.unwrap_or_default())
}

/// Settles what holds from now on. Refused where nobody could ever be the second.
pub async fn set(
    tx: &DatabaseTransaction,
    second: SecondPerson,
    actor: &Actor,
    now: i64,
) -> Result<()> {
    if second != SecondPerson::Never && grant::count_holders(tx, Right::Recall).await? < 2 {
        return Err(Error::Conflict(
            "Chỉ có một tài khoản được thu hồi. Hãy mở thêm tài khoản thứ hai trước.".to_owned(),
        ));
    }
    let before = of(tx).await?;
    if before == second {
        return Ok(());
    }
    settings::set(tx, SECOND_PERSON, &second).await?;
    let subject = Subject::none().change(before.label(), second.label());
    audit::record(tx, actor, Action::RecallPolicyChanged, subject, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_needed_where_it_says_so() {
        for (policy, erase, expected) in [
            (SecondPerson::Never, false, false),
            (SecondPerson::Never, true, false),
            (SecondPerson::ForErasure, false, false),
            (SecondPerson::ForErasure, true, true),
            (SecondPerson::Always, false, true),
            (SecondPerson::Always, true, true),
        ] {
            assert_eq!(policy.is_needed(erase), expected, "{policy:?} {erase}");
            assert_eq!(SecondPerson::parse(policy.as_str()), Some(policy));
        }
    }
}
