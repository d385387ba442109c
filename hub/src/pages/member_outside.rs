//! What the page of a member says of what was found by going there: probes, the last examination, its vault.

use crate::members::examination;
use crate::members::overview::{Member, Way};
use crate::probes::record::{self, Outcome, Sum};
use crate::vault::Vaults;
use chrono::Days;
use shared::error::Result;
use shared::pages::cards;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::view::{Badge, Examined, ExaminedStep, FormErrors, ProbeLine, Tone, VaultRoom};
use shared::sync::doctor::{Finding, Health};
use shared::vietnamese::{self, grouped};
use uuid::Uuid;

/// Days over which shares are told.
const SHARE_DAYS: u64 = 30;
/// In hundredths, from where on there is little room in a vault.
const WARN_AT: u64 = 80;
/// Bytes of the gigabyte in which quotas are settled, and most of them.
const GIGABYTE: i64 = 1_000_000_000;
const MOST_GIGABYTES: i64 = 10_000;

/// What the public sees of `site`.
pub(super) async fn probes(at: &AtDesk, site: Uuid) -> Result<Vec<ProbeLine>> {
    let db = at.site.db.reader();
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let from = today.checked_sub_days(Days::new(SHARE_DAYS - 1));
    let sums = record::days_of(db, site, from.unwrap_or(today), today).await?;
    let found = record::of_site(db, site).await?;
    Ok(found
        .into_iter()
        .filter_map(|one| Some((one.kind()?, one)))
        .map(|(kind, one)| ProbeLine {
            label: kind.label().to_owned(),
            badge: badge(one.outcome()),
            detail: one.detail.clone(),
            at: cards::moment(one.at),
            share: sums.get(&kind).copied().map_or_else(String::new, share),
        })
        .collect())
}

fn badge(outcome: Outcome) -> Badge {
    let tone = match outcome {
        Outcome::Good => Tone::Good,
        Outcome::Fading => Tone::Warning,
        Outcome::Bad | Outcome::Forged => Tone::Bad,
        Outcome::Unknown => Tone::Quiet,
    };
    Badge::new(outcome.word(), tone)
}

/// `98,50 % của 96 lần`.
fn share(sum: Sum) -> String {
    let Some(share) = sum.share() else {
        return String::new();
    };
    let (whole, part) = (share / 100, share % 100);
    format!("{whole},{part:02} % của {} lần", grouped(sum.asked))
}

/// The last examination of the way to `site`.
pub(super) async fn examined(at: &AtDesk, site: Uuid) -> Result<Option<Examined>> {
    let last = examination::last(at.site.db.reader(), site).await?;
    Ok(last.map(|last| Examined {
        at: cards::moment(last.at),
        steps: last.findings().into_iter().map(step).collect(),
        by: last.by_whom,
    }))
}

fn step(finding: Finding) -> ExaminedStep {
    let tone = match finding.health {
        Health::Well => Tone::Good,
        Health::Doubtful => Tone::Warning,
        Health::Ill => Tone::Bad,
        Health::Skipped => Tone::Quiet,
    };
    ExaminedStep {
        label: finding.step.label().to_owned(),
        badge: Badge::new(finding.health.word(), tone),
        found: finding.found,
        advice: finding.advice,
    }
}

/// How full the vault of `member` is; none for who keeps nothing here.
pub(super) async fn vault(vaults: &Vaults, member: &Member) -> Result<Option<VaultRoom>> {
    if !matches!(member.way, Way::Native(_)) {
        return Ok(None);
    }
    let room = vaults.room_of(member.site).await?;
    let (used, limit) = (room.used, room.quota);
    Ok(Some(VaultRoom {
        used,
        limit,
        warn_at: limit / 100 * WARN_AT,
        text: format!(
            "{} trên {}.",
            vietnamese::bytes(used),
            vietnamese::bytes(limit)
        ),
        usual: vietnamese::bytes(vaults.usual_quota()),
    }))
}

/// How many whole gigabytes a quota is; at least so many that it is no less.
pub(super) fn gigabytes(bytes: i64) -> i64 {
    (bytes + GIGABYTE - 1) / GIGABYTE
}

/// The bytes a vault may hold, as typed in gigabytes; none for what all may.
pub(super) fn quota(typed: &str, errors: &mut FormErrors) -> Option<i64> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    let read = typed.parse::<i64>().ok();
    let read = read.filter(|gigabytes| (1..=MOST_GIGABYTES).contains(gigabytes));
    if read.is_none() {
        let most = grouped(MOST_GIGABYTES);
        errors.add(
            "quota",
            format!("Hãy nhập một số GB từ 1 đến {most}, hoặc để trống."),
        );
    }
    read.map(|gigabytes| gigabytes * GIGABYTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_whole_gigabytes_or_nothing() {
        for (typed, expected, is_wrong) in [
            ("", None, false),
            (" 25 ", Some(25_000_000_000), false),
            ("0", None, true),
            ("10001", None, true),
            ("1,5", None, true),
        ] {
            let mut errors = FormErrors::default();
            assert_eq!(quota(typed, &mut errors), expected, "{typed}");
            assert_eq!(errors.of("quota").is_some(), is_wrong, "{typed}");
        }
    }

    #[test]
    fn a_share_says_of_how_much_it_is_one() {
        let sum = Sum {
            asked: 1_440,
            good: 1_400,
        };
        assert_eq!(share(sum), "97,22 % của 1.440 lần");
        assert_eq!(share(Sum::default()), "");
    }
}
