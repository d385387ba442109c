//! What a month comes to: works, adjustments, and what each person is paid. Pure.

use super::amount::{apportion, percent_of};
use super::price::{Price, Unpriced, Work, price};
use super::rates::Rates;
use crate::log::Digest;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::HashSet;
use uuid::Uuid;

/// What is added to or taken from what a person gets, for an earlier month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adjustment {
    /// Id.
    pub id: Uuid,
    /// The day it was entered.
    pub entered_on: NaiveDate,
    /// The month it mends, as [`Month::number`](super::month::Month::number).
    pub about: i64,
    /// Who.
    pub person: Uuid,
    /// Their name.
    pub name: String,
    /// Đồng; below zero takes back.
    pub amount: i64,
    /// Why.
    pub reason: String,
}

/// A graded entry that is not paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// The entry.
    pub entry_id: Uuid,
    /// Its title.
    pub title: String,
    /// The day it was first published.
    pub published_on: NaiveDate,
    /// Why.
    pub reason: String,
}

/// What a month's statement is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Works, in the order they were published.
    pub works: Vec<Work>,
    /// Adjustments.
    pub adjustments: Vec<Adjustment>,
    /// What was taken back before it was paid.
    pub dropped: Vec<Dropped>,
    /// Whose tax is waived by a commitment on the day of payment.
    pub committed: HashSet<Uuid>,
}

impl Contents {
    /// Whether there is nothing to settle.
    pub fn is_empty(&self) -> bool {
        self.works.is_empty() && self.adjustments.is_empty() && self.dropped.is_empty()
    }
}

/// A work, what it comes to, and what each of its authors gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The work.
    pub work: Work,
    /// What it comes to.
    pub price: Price,
    /// Đồng, after the ceiling.
    pub amount: i64,
    /// Đồng for each share, in their order; together the amount.
    pub shares: Vec<i64>,
}

/// What a person is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// Who.
    pub person: Uuid,
    /// Their name.
    pub name: String,
    /// Đồng, before tax.
    pub gross: i64,
    /// Whether a commitment waives the tax.
    pub committed: bool,
    /// Đồng withheld.
    pub tax: i64,
}

impl Payment {
    /// Đồng paid out.
    pub fn net(&self) -> i64 {
        self.gross - self.tax
    }
}

/// A month, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Works with what they come to.
    pub works: Vec<Counted>,
    /// Works that cannot be counted, with why.
    pub unpriced: Vec<(Work, Unpriced)>,
    /// Adjustments.
    pub adjustments: Vec<Adjustment>,
    /// What was taken back.
    pub dropped: Vec<Dropped>,
    /// What each person is paid, by name.
    pub payments: Vec<Payment>,
    /// Đồng of all works, before the ceiling.
    pub uncut: i64,
    /// The ceiling, if there is one.
    pub ceiling: Option<i64>,
    /// The least payment tax is withheld of; none if no tax is known of the day.
    pub threshold: Option<i64>,
    /// How much is withheld of it, in hundredths of a percent.
    pub rate: i64,
}

impl Sum {
    /// Counts `contents` by `rates`, to be paid on `pay_on`.
    pub fn of(contents: Contents, rates: &Rates, pay_on: NaiveDate) -> Self {
        let (mut priced, mut unpriced) = (Vec::new(), Vec::new());
        for work in contents.works {
            match price(&work, rates) {
                Ok(price) => priced.push((work, price)),
                Err(why) => unpriced.push((work, why)),
            }
        }
        let wanted: Vec<i64> = priced.iter().map(|(_, price)| price.uncut).collect();
        let uncut = wanted.iter().sum();
        let amounts = match rates.ceiling {
            Some(ceiling) if ceiling < uncut => apportion(ceiling, &wanted),
            _ => wanted,
        };
        let works: Vec<Counted> = priced
            .into_iter()
            .zip(amounts)
            .map(|((work, price), amount)| {
                let parts: Vec<i64> = work.shares.iter().map(|share| share.parts).collect();
                Counted {
                    shares: apportion(amount, &parts),
                    work,
                    price,
                    amount,
                }
            })
            .collect();
        let tax = rates.tax_on(pay_on);
        let mut gross: BTreeMap<Uuid, (String, i64)> = BTreeMap::new();
        let shared = works.iter().flat_map(|counted| {
            let shares = counted.work.shares.iter().zip(&counted.shares);
            shares.map(|(share, amount)| (share.person, &share.name, *amount))
        });
        let adjusted = contents
            .adjustments
            .iter()
            .map(|one| (one.person, &one.name, one.amount));
        for (person, name, amount) in shared.chain(adjusted) {
            let entry = gross.entry(person).or_insert_with(|| (name.clone(), 0));
            entry.1 += amount;
        }
        let mut payments: Vec<Payment> = gross
            .into_iter()
            .map(|(person, (name, gross))| {
                let committed = contents.committed.contains(&person);
                let is_taxed = tax.is_some_and(|tax| gross >= tax.threshold.max(1)) && !committed;
                let tax = match tax {
                    Some(tax) if is_taxed => percent_of(tax.rate, gross),
                    _ => 0,
                };
                Payment {
                    person,
                    name,
                    gross,
                    committed,
                    tax,
                }
            })
            .collect();
        payments.sort_by(|a, b| (&a.name, a.person).cmp(&(&b.name, b.person)));
        Self {
            works,
            unpriced,
            adjustments: contents.adjustments,
            dropped: contents.dropped,
            payments,
            uncut,
            ceiling: rates.ceiling,
            threshold: tax.map(|tax| tax.threshold),
            rate: tax.map_or(0, |tax| tax.rate.raw()),
        }
    }

    /// Whether there is nothing to settle.
    pub fn is_empty(&self) -> bool {
        self.works.is_empty()
            && self.unpriced.is_empty()
            && self.adjustments.is_empty()
            && self.dropped.is_empty()
    }

    /// Đồng before tax.
    pub fn gross(&self) -> i64 {
        self.payments.iter().map(|payment| payment.gross).sum()
    }

    /// Đồng withheld.
    pub fn tax(&self) -> i64 {
        self.payments.iter().map(|payment| payment.tax).sum()
    }

    /// Đồng paid out.
    pub fn net(&self) -> i64 {
        self.gross() - self.tax()
    }

    /// What stands for all of it: what is approved is this and nothing else.
    pub fn digest(&self) -> crate::error::Result<Digest> {
        Ok(Digest::of_canonical(self).map_err(anyhow::Error::new)?)
    }

    /// What stands for what is paid and why, whatever the day of payment.
    pub fn digest_of_contents(&self) -> crate::error::Result<Digest> {
        let contents = (
            &self.works,
            &self.unpriced,
            &self.adjustments,
            &self.dropped,
        );
        Ok(Digest::of_canonical(&contents).map_err(anyhow::Error::new)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::amount::Hundredths;
    use super::super::price::{Grade, Share};
    use super::*;

    fn person(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn work(coefficient: i64, parts: &[(u128, i64)]) -> Work {
        Work {
            entry_id: Uuid::nil(),
            title: "Vào mùa cà phê".to_owned(),
            published_on: "2026-08-03".parse().expect("a day"),
            grade: Grade {
                genre: "da-phuong-tien".to_owned(),
                coefficient: Hundredths::of_raw(coefficient),
                ..Grade::default()
            },
            shares: parts
                .iter()
                .map(|&(number, parts)| Share {
                    person: person(number),
                    name: format!("Người {number}"),
                    parts,
                })
                .collect(),
        }
    }

    fn adjustment(number: u128, amount: i64) -> Adjustment {
        Adjustment {
            id: Uuid::nil(),
            entered_on: "2026-11-02".parse().expect("a day"),
            about: 202_610,
            person: person(number),
            name: format!("Người {number}"),
            amount,
            reason: "Tính thiếu".to_owned(),
        }
    }

    fn sum(contents: Contents, ceiling: Option<i64>, pay_on: &str) -> Sum {
        let rates = Rates {
            ceiling,
            ..Rates::built_in()
        };
        Sum::of(contents, &rates, pay_on.parse().expect("a day"))
    }

    #[test]
    fn tax_is_withheld_from_the_threshold_of_the_day_of_payment_on() {
        for (gross, pay_on, committed, tax) in [
            (4_999_999, "2026-11-30", false, 0),
            (5_000_000, "2026-11-30", false, 500_000),
            (5_000_005, "2026-11-30", false, 500_001),
            (5_000_000, "2026-11-30", true, 0),
            (1_999_999, "2026-06-30", false, 0),
            (2_000_000, "2026-06-30", false, 200_000),
            (2_000_000, "2026-07-01", false, 0),
            (-50_000, "2026-11-30", false, 0),
        ] {
            let contents = Contents {
                adjustments: vec![adjustment(1, gross)],
                committed: committed.then(|| person(1)).into_iter().collect(),
                ..Contents::default()
            };
            let sum = sum(contents, None, pay_on);
            assert_eq!(sum.payments[0].tax, tax, "{gross} on {pay_on}");
            assert_eq!(sum.net(), gross - tax);
        }
    }

    #[test]
    fn everything_of_a_person_is_one_payment() {
        let contents = Contents {
            works: vec![work(1_000, &[(1, 1), (2, 1)]), work(1_000, &[(1, 1)])],
            adjustments: vec![adjustment(2, -65_000)],
            ..Contents::default()
        };
        let sum = sum(contents, None, "2026-11-30");
        let paid: Vec<(i64, i64)> = sum
            .payments
            .iter()
            .map(|payment| (payment.gross, payment.net()))
            .collect();
        assert_eq!(paid, [(3_795_000, 3_795_000), (1_200_000, 1_200_000)]);
        assert_eq!((sum.gross(), sum.uncut), (4_995_000, 5_060_000));
    }

    #[test]
    fn shares_sum_to_the_amount_to_the_last_dong() {
        let contents = Contents {
            works: vec![work(1, &[(1, 1), (2, 1), (3, 1)])],
            ..Contents::default()
        };
        let sum = sum(contents, None, "2026-11-30");
        assert_eq!(sum.works[0].amount, 2_530);
        assert_eq!(sum.works[0].shares, [844, 843, 843]);
    }

    #[test]
    fn above_the_ceiling_all_works_are_cut_evenly_to_it() {
        let of = |ceiling| {
            let contents = Contents {
                works: vec![work(100, &[(1, 1)]), work(200, &[(2, 3), (1, 1)])],
                adjustments: vec![adjustment(2, 10_000)],
                ..Contents::default()
            };
            sum(contents, ceiling, "2026-11-30")
        };
        for (ceiling, amounts) in [
            (None, [253_000, 506_000]),
            (Some(759_000), [253_000, 506_000]),
            (Some(758_999), [253_000, 505_999]),
            (Some(500_000), [166_667, 333_333]),
            (Some(1), [0, 1]),
        ] {
            let sum = of(ceiling);
            let counted: Vec<i64> = sum.works.iter().map(|counted| counted.amount).collect();
            assert_eq!(counted, amounts, "{ceiling:?}");
            let works: i64 = amounts.iter().sum();
            // What mends an earlier month is not cut.
            assert_eq!(sum.gross(), works + 10_000);
            assert_eq!(sum.uncut, 759_000);
        }
    }

    #[test]
    fn what_cannot_be_counted_stands_aside() {
        let mut old = work(100, &[(1, 1)]);
        old.published_on = "2010-01-01".parse().expect("a day");
        let contents = Contents {
            works: vec![old, work(100, &[(1, 1)])],
            ..Contents::default()
        };
        let sum = sum(contents, None, "2026-11-30");
        assert_eq!((sum.works.len(), sum.unpriced.len()), (1, 1));
        assert_eq!(sum.gross(), 253_000);
    }
}
