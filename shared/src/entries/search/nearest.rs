//! The word somebody may have meant: one slip of the finger away, and known here.
//!
//! All slips of a word are written out and the index is asked which of them it knows: a few hundred
//! questions in one statement, however much is published. Nothing is kept for it, so nothing has to be
//! forgotten when an entry is taken back.

use super::{Query, count_up_to, question};
use crate::error::Result;
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult};
use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::RangeInclusive;

/// Results so few that a slip may be the reason.
pub const FEW: u64 = 2;
/// How many times as often the spelling must be found that is proposed for one that is found.
const TIMES_AS_OFTEN: u64 = 10;
/// Words of one query that are looked at.
const MOST_PIECES: usize = 6;
/// Letters of a word that is looked at. Shorter ones are all neighbours of each other; longer ones are
/// names, and have too many neighbours.
const LETTERS: RangeInclusive<usize> = 3..=10;
/// Known neighbours of a word that are tried together with the other words.
const MOST_TRIED: usize = 12;
/// How far entries are counted for that.
const COUNTED: usize = 50;

/// What was typed with its doubtful words in a spelling that finds more, if there is one. To be asked where
/// `query` finds no more than [`FEW`], which is `found`.
pub async fn nearest(db: &DatabaseConnection, query: &Query, found: u64) -> Result<Option<String>> {
    let mut pieces: Vec<String> = query.words.split_whitespace().map(str::to_owned).collect();
    if pieces.len() > MOST_PIECES {
        return Ok(None);
    }
    // Where nothing is found, what stands nowhere is to blame; otherwise what stands hardly anywhere.
    let most = if found == 0 { 0 } else { FEW };
    let doubtful = doubtful(db, &pieces, most).await?;
    let mut untried: HashSet<usize> = doubtful.iter().map(|(place, _)| *place).collect();
    let mut finds = 0;
    for (place, word) in doubtful {
        untried.remove(&place);
        finds = 0;
        let typed = pieces[place].clone();
        for candidate in known_neighbours(db, &word).await? {
            // What is doubtful as well is left out until it has its turn.
            let words = with(&pieces, place, &candidate, &untried);
            let query = Query {
                words,
                ..query.clone()
            };
            let count = count_up_to(db, &query, COUNTED).await?;
            if count > finds {
                finds = count;
                pieces[place] = candidate;
            }
        }
        if pieces[place] == typed {
            return Ok(None);
        }
    }
    Ok((finds > found * TIMES_AS_OFTEN).then(|| pieces.join(" ")))
}

fn with(pieces: &[String], place: usize, word: &str, without: &HashSet<usize>) -> String {
    let words: Vec<&str> = pieces
        .iter()
        .enumerate()
        .filter(|(at, _)| !without.contains(at))
        .map(|(at, piece)| if at == place { word } else { piece })
        .collect();
    words.join(" ")
}

/// The words among `pieces` that no more than `most` entries hold, with their places.
async fn doubtful(
    db: &DatabaseConnection,
    pieces: &[String],
    most: u64,
) -> Result<Vec<(usize, String)>> {
    let words: Vec<(usize, String)> = pieces
        .iter()
        .enumerate()
        .filter_map(|(place, piece)| Some((place, correctable(piece)?)))
        .collect();
    let asked: Vec<String> = words.iter().map(|(_, word)| word.clone()).collect();
    let counts = how_often(db, &asked).await?;
    let rare = words.into_iter().zip(counts);
    let rare = rare.filter(|(_, entries)| *entries <= most);
    Ok(rare.map(|(word, _)| word).collect())
}

/// `piece` folded, if it is one word of letters: a number is never wrong by a figure, it is another number.
fn correctable(piece: &str) -> Option<String> {
    let word = super::words_of(piece);
    let is_word = word.bytes().all(|b| b.is_ascii_lowercase());
    (is_word && LETTERS.contains(&word.len())).then_some(word)
}

async fn known_neighbours(db: &DatabaseConnection, word: &str) -> Result<Vec<String>> {
    let slips = slips(word);
    let counts = how_often(db, &slips).await?;
    let mut known: Vec<(String, u64)> = slips.into_iter().zip(counts).collect();
    known.retain(|(_, entries)| *entries > 0);
    // Among those that stand equally often the likelier slips stay first.
    known.sort_by_key(|(_, entries)| Reverse(*entries));
    known.truncate(MOST_TRIED);
    Ok(known.into_iter().map(|(word, _)| word).collect())
}

/// In how many of the entries shown here each of `phrases` stands, up to a bound.
async fn how_often(db: &DatabaseConnection, phrases: &[String]) -> Result<Vec<u64>> {
    if phrases.is_empty() {
        return Ok(Vec::new());
    }
    let statement = question::how_often(db.get_database_backend(), phrases, COUNTED);
    let count = |row: &QueryResult| {
        let count: i64 = row.try_get_by_index(0)?;
        Ok(u64::try_from(count).unwrap_or(0))
    };
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(count).collect()
}

/// What `word` may have been before the finger slipped, the likeliest first: two letters changed places, one
/// is missing, another, or too many, or the blank is missing.
fn slips(word: &str) -> Vec<String> {
    let cuts = || (0..=word.len()).map(|at| word.split_at(at));
    let swapped = cuts().filter_map(|(before, after)| {
        let (first, rest) = after.split_at_checked(1)?;
        let (second, rest) = rest.split_at_checked(1)?;
        Some(format!("{before}{second}{first}{rest}"))
    });
    let added =
        cuts().flat_map(|(before, after)| ('a'..='z').map(move |c| format!("{before}{c}{after}")));
    let without = |after: &'_ str| after.get(1..).map(str::to_owned);
    let replaced = cuts()
        .filter_map(|(before, after)| Some((before, without(after)?)))
        .flat_map(|(before, after)| ('a'..='z').map(move |c| format!("{before}{c}{after}")));
    let dropped = cuts().filter_map(|(before, after)| Some(format!("{before}{}", without(after)?)));
    let split = (2..word.len().saturating_sub(1)).map(|at| {
        let (before, after) = word.split_at(at);
        format!("{before} {after}")
    });
    let mut known = HashSet::from([word.to_owned()]);
    swapped
        .chain(added)
        .chain(replaced)
        .chain(dropped)
        .chain(split)
        .filter(|slip| known.insert(slip.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_undone_and_numbers_are_left_alone() {
        let cases = [
            ("thogn", "thong"),
            ("thng", "thong"),
            ("thomg", "thong"),
            ("thoong", "thong"),
            ("konray", "kon ray"),
        ];
        for (typed, meant) in cases {
            assert!(slips(typed).iter().any(|slip| slip == meant), "{typed}");
        }
        assert_eq!(slips("thogn").first().map(String::as_str), Some("htogn"));
        assert!(slips("kon").iter().all(|slip| slip != "kon"));
        assert!(slips("nghiemchin").len() < 700, "work is bounded");
        let looked_at = [
            ("Thôgn", Some("thogn")),
            ("bao,", Some("bao")),
            ("184/qd-ubnd", None),
            ("2026", None),
            ("xa", None),
            ("konbraihquangngai", None),
        ];
        for (piece, expected) in looked_at {
            assert_eq!(correctable(piece).as_deref(), expected, "{piece}");
        }
    }
}
