//! The rows of a statement as people read them, whether it is locked or not.

use super::money;
use crate::entries::kinds::day_of;
use crate::pages::cards;
use crate::pages::templates::{RoyaltyPart, RoyaltyWorkRow};
use crate::royalties::amount::Hundredths;
use crate::royalties::sheet::ERASED;
use crate::royalties::snapshot::{self, Kind};

/// The works among `lines`, each with its parts; `lines` are in order.
pub(super) fn rows(lines: &[snapshot::Model]) -> Vec<RoyaltyWorkRow> {
    let mut rows: Vec<RoyaltyWorkRow> = Vec::new();
    let mut last = None;
    for line in lines.iter().filter(|line| line.kind() == Kind::Work) {
        if last != line.entry_id || rows.is_empty() {
            last = line.entry_id;
            rows.push(row(line));
        }
        if let Some(row) = rows.last_mut() {
            row.parts.push(part(line));
        }
    }
    rows
}

fn row(line: &snapshot::Model) -> RoyaltyWorkRow {
    let published = line.published_on.and_then(day_of);
    RoyaltyWorkRow {
        title: title(line),
        url: None,
        published: published.map(cards::day).unwrap_or_default(),
        genre: line.genre.clone().unwrap_or_default(),
        how: how(line),
        amount: money(line.amount.unwrap_or_default()),
        parts: Vec::new(),
        problem: None,
    }
}

fn part(line: &snapshot::Model) -> RoyaltyPart {
    let whole = line.parts == line.of_parts;
    let parts = line.parts.zip(line.of_parts).filter(|_| !whole);
    RoyaltyPart {
        name: line.name.clone().unwrap_or_default(),
        parts: parts.map(|(parts, of)| format!("{parts}/{of} phần")),
        amount: money(line.share),
    }
}

/// What a work is called, even if that was erased.
pub(super) fn title(line: &snapshot::Model) -> String {
    match line.title.is_empty() {
        true => ERASED.to_owned(),
        false => line.title.clone(),
    }
}

/// How an amount came about: `1,5 × 253.000 đ × (100 % + 10 %)`.
pub(super) fn how(line: &snapshot::Model) -> String {
    let number = |raw: Option<i64>| raw.map(Hundredths::of_raw).unwrap_or_default();
    let mut how = format!(
        "hệ số {} × {}",
        number(line.coefficient),
        money(line.unit_value.unwrap_or_default())
    );
    let bonuses: Vec<String> = [line.children, line.language, line.hardship]
        .into_iter()
        .map(number)
        .filter(|bonus| !bonus.is_zero())
        .map(|bonus| format!(" + {bonus} %"))
        .collect();
    if !bonuses.is_empty() {
        how.push_str(&format!(" × (100 %{})", bonuses.concat()));
    }
    let translation = number(line.translation);
    if translation != Hundredths::HUNDRED {
        how.push_str(&format!(" × {translation} % (dịch)"));
    }
    let factor = number(line.factor);
    if factor != Hundredths::HUNDRED {
        how.push_str(&format!(" × {factor} % (mức của đơn vị)"));
    }
    if line.amount != line.uncut {
        let uncut = money(line.uncut.unwrap_or_default());
        how.push_str(&format!(" = {uncut}, giảm theo mức trần của tháng"));
    }
    how
}
