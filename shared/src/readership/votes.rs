//! What people chose in a poll, as numbers: how many for which words, and nothing of who. It is written with the
//! vote, since nobody votes again for what a power cut took.

use crate::error::Result;
use sea_orm::ConnectionTrait;
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};

/// What stands for votes whose words are not among the answers any more.
const CHANGED: &str = "Lựa chọn đã sửa hoặc bỏ";

/// How many chose an answer.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "poll_votes")]
pub struct Model {
    /// Which poll.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: Uuid,
    /// The answer, in the words people saw.
    #[sea_orm(primary_key, auto_increment = false)]
    pub choice: String,
    /// How many chose it.
    pub votes: i64,
}

/// None: nothing is joined with it.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Counts one more for `choice`.
pub async fn add<C: ConnectionTrait>(db: &C, entry: Uuid, choice: &str) -> Result<()> {
    let more = Expr::col((Entity, Column::Votes)).add(1);
    let row = ActiveModel {
        entry_id: Set(entry),
        choice: Set(choice.to_owned()),
        votes: Set(1),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::EntryId, Column::Choice])
                .value(Column::Votes, more)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// How many chose what in the poll `entry`.
pub async fn of<C: ConnectionTrait>(db: &C, entry: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::EntryId.eq(entry))
        .all(db)
        .await?)
}

/// Forgets the votes of a poll that was taken back: its answers stand in them.
pub async fn forget<C: ConnectionTrait>(db: &C, entry: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::EntryId.eq(entry))
        .exec(db)
        .await?;
    Ok(())
}

/// What a poll came to so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many chose anything.
    pub total: i64,
    /// Each answer with how many chose it and how many that is of a thousand.
    pub lines: Vec<(String, i64, i64)>,
}

/// What `votes` for the answers `options` come to. Votes for words that were changed since are votes still, and
/// stand last.
pub fn tally(options: &[String], votes: &[Model]) -> Tally {
    let total: i64 = votes.iter().map(|one| one.votes).sum();
    let of = |option: &String| {
        let found = votes.iter().find(|one| one.choice == *option);
        found.map_or(0, |one| one.votes)
    };
    let mut lines: Vec<(String, i64)> = options
        .iter()
        .map(|option| (option.clone(), of(option)))
        .collect();
    let changed = total - lines.iter().map(|(_, votes)| votes).sum::<i64>();
    if changed > 0 {
        lines.push((CHANGED.to_owned(), changed));
    }
    let lines = lines.into_iter().map(|(option, votes)| {
        let share = (votes * 2_000 + total).checked_div(total * 2);
        (option, votes, share.unwrap_or(0))
    });
    Tally {
        total,
        lines: lines.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vote_is_in_the_total_also_for_words_that_were_changed() {
        let options = ["Sáng", "Chiều", "Tối"].map(str::to_owned);
        let vote = |choice: &str, votes: i64| Model {
            entry_id: Uuid::nil(),
            choice: choice.to_owned(),
            votes,
        };
        let none = tally(&options, &[]);
        assert_eq!(none.total, 0);
        assert!(
            none.lines
                .iter()
                .all(|(_, votes, share)| votes + share == 0)
        );
        let some = tally(&options, &[vote("Chiều", 2), vote("Sáng", 1)]);
        let line = |option: &str, votes, share| (option.to_owned(), votes, share);
        let expected = [
            line("Sáng", 1, 333),
            line("Chiều", 2, 667),
            line("Tối", 0, 0),
        ];
        assert_eq!(some.lines, expected);
        let changed = tally(&options, &[vote("Sáng", 3), vote("Trưa", 1)]);
        assert_eq!(changed.total, 4);
        assert_eq!(changed.lines[3], line(CHANGED, 1, 250));
    }
}
