//! Months as people live through them, and amounts counted again by somebody else.

use super::adjustment::{self, New};
use super::amount::Hundredths;
use super::grade::{self, Given, Who};
use super::month::Month;
use super::open::Open;
use super::person::{self, Commitment};
use super::price::{Bonuses, Grade};
use super::rates::Rates;
use super::statement::{self, Draft};
use super::{sheet, snapshot, versions};
use crate::accounts::Role;
use crate::error::{Error, Result};
use crate::testing::{self, TestSite, press};
use crate::vietnamese;
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;
use uuid::Uuid;

const BY: Uuid = Uuid::from_u128(7);

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn month(name: &str) -> Month {
    Month::parse(name).expect("a month")
}

fn number(text: &str) -> Hundredths {
    Hundredths::parse(text).expect(text)
}

/// Makes it noon on `on`.
fn it_is(site: &TestSite, on: &str) {
    let noon = day(on).and_hms_opt(12, 0, 0).expect("a time");
    site.clock
        .set(vietnamese::from_local(noon).expect("a time"));
}

async fn publish(site: &TestSite, on: &str, title: &str) -> Uuid {
    it_is(site, on);
    press::article(title).publish(site).await
}

fn graded(genre: &str, coefficient: &str) -> Grade {
    Grade {
        genre: genre.to_owned(),
        coefficient: number(coefficient),
        ..Grade::default()
    }
}

async fn give(site: &TestSite, entry: Uuid, grade: Grade, authors: &[(&str, i64)]) -> Result<()> {
    let authors = authors
        .iter()
        .map(|(name, parts)| (Who::Named((*name).to_owned()), *parts))
        .collect();
    let given = Given { grade, authors };
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move { grade::give(tx, entry, given, Some(BY), now).await })
        })
        .await
}

async fn draft(site: &TestSite, of: &str) -> Draft {
    let today = vietnamese::local(site.clock.now()).date_naive();
    let draft = Draft::load(site.db.reader(), site.id, month(of), today).await;
    draft.expect("a draft")
}

async fn approve(site: &TestSite, of: &str, pay_on: &str) -> Result<()> {
    let seen = statement::seen(&draft(site, of).await.sum).expect("a digest");
    let (id, month, pay_on) = (site.id, month(of), day(pay_on));
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                statement::approve(tx, id, month, &seen, pay_on, BY, now).await?;
                Ok(())
            })
        })
        .await
}

async fn lock(site: &TestSite, of: &str) -> Result<()> {
    let (id, month) = (site.id, month(of));
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                statement::lock(tx, id, month, BY, now).await?;
                Ok(())
            })
        })
        .await
}

async fn settle(site: &TestSite, of: &str, pay_on: &str) {
    approve(site, of, pay_on).await.expect("approved");
    lock(site, of).await.expect("locked");
}

async fn set_rates(site: &TestSite, rates: Rates) {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let after = versions::in_force(tx).await?.number;
                versions::give(tx, after, &rates, BY, now).await?;
                Ok(())
            })
        })
        .await
        .expect("given");
}

async fn commit(site: &TestSite, name: &str, from: &str, until: &str) {
    let people = person::all(site.db.reader()).await.expect("reads");
    let id = people.iter().find(|one| one.name == name).expect(name).id;
    let commitment = Commitment {
        from: day(from),
        until: day(until),
    };
    site.db
        .write(move |tx| Box::pin(async move { person::commit(tx, id, Some(commitment)).await }))
        .await
        .expect("committed");
}

async fn open_months(site: &TestSite) -> Vec<String> {
    let open = Open::load(site.db.reader(), site.id).await.expect("reads");
    open.months().map(Month::name).collect()
}

/// The two files of a locked month.
async fn files(site: &TestSite, of: &str) -> (String, String) {
    let (db, month) = (site.db.reader(), month(of));
    let statement = statement::find(db, month).await.expect("reads");
    let ceiling = statement.expect("a statement").ceiling;
    let lines = snapshot::lines(db, month).await.expect("reads");
    let payments = snapshot::payments(db, month).await.expect("reads");
    (
        sheet::lines(month, ceiling, &lines).csv(),
        sheet::payments(month, &payments).csv(),
    )
}

/// Somebody who counts everything again from the files, and knows nothing of how it was counted.
mod recount {
    use super::*;

    pub(super) type Row = BTreeMap<String, String>;

    /// Reads CSV.
    pub(super) fn rows(csv: &str) -> Vec<Row> {
        let mut lines = Vec::new();
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        let mut letters = csv.trim_start_matches('\u{feff}').chars().peekable();
        while let Some(letter) = letters.next() {
            match (letter, quoted) {
                ('"', true) if letters.peek() == Some(&'"') => {
                    letters.next();
                    cell.push('"');
                }
                ('"', _) => quoted = !quoted,
                (',', false) => cells.push(std::mem::take(&mut cell)),
                ('\r', false) => {}
                ('\n', false) => {
                    cells.push(std::mem::take(&mut cell));
                    lines.push(std::mem::take(&mut cells));
                }
                (letter, _) => cell.push(letter),
            }
        }
        let heads = lines.remove(0);
        let row = |cells: Vec<String>| heads.iter().cloned().zip(cells).collect();
        lines.into_iter().map(row).collect()
    }

    pub(super) fn whole(row: &Row, head: &str) -> i128 {
        row[head]
            .parse()
            .unwrap_or_else(|_| panic!("{head}: {row:?}"))
    }

    /// A number with two decimals, in hundredths.
    fn decimal(row: &Row, head: &str) -> i128 {
        let (whole, rest) = row[head].split_once(',').unwrap_or((&row[head], ""));
        let digits = format!("{whole}{rest:0<2}");
        digits.parse().unwrap_or_else(|_| panic!("{head}: {row:?}"))
    }

    /// Rounded by what is left over.
    fn round(numerator: i128, denominator: i128) -> i128 {
        let (whole, left) = (numerator / denominator, numerator % denominator);
        whole + i128::from(2 * left >= denominator)
    }

    /// Hands a sum out one đồng after the other.
    fn hand_out(sum: i128, weights: &[i128]) -> Vec<i128> {
        let all: i128 = weights.iter().sum();
        let mut parts: Vec<i128> = weights.iter().map(|weight| sum * weight / all).collect();
        let mut lost: Vec<i128> = weights.iter().map(|weight| sum * weight % all).collect();
        while parts.iter().sum::<i128>() < sum {
            let most = lost.iter().copied().max().unwrap_or_default();
            let at = lost.iter().position(|one| *one == most).unwrap_or_default();
            parts[at] += 1;
            lost[at] = -1;
        }
        parts
    }

    /// Counts every line and every payment again; how many works there were.
    pub(super) fn check(lines: &str, payments: &str) -> usize {
        let lines = rows(lines);
        let mut works: Vec<Vec<Row>> = Vec::new();
        for row in lines.iter().filter(|row| row["Loại"] == "Nhuận bút") {
            match works.last_mut() {
                Some(last) if last[0]["Mã bài"] == row["Mã bài"] => last.push(row.clone()),
                _ => works.push(vec![row.clone()]),
            }
        }
        let uncut: Vec<i128> = works.iter().map(|work| uncut(&work[0])).collect();
        let ceiling = works
            .first()
            .map(|work| work[0]["Mức trần của tháng (đồng)"].clone());
        let ceiling = ceiling.and_then(|text| text.parse::<i128>().ok());
        let amounts = match ceiling {
            Some(ceiling) if uncut.iter().sum::<i128>() > ceiling => hand_out(ceiling, &uncut),
            _ => uncut.clone(),
        };
        let mut paid: BTreeMap<String, i128> = BTreeMap::new();
        for ((work, uncut), amount) in works.iter().zip(uncut).zip(amounts) {
            let parts: Vec<i128> = work.iter().map(|row| whole(row, "Số phần")).collect();
            for (row, share) in work.iter().zip(hand_out(amount, &parts)) {
                assert_eq!(
                    whole(row, "Nhuận bút trước mức trần (đồng)"),
                    uncut,
                    "{row:?}"
                );
                assert_eq!(whole(row, "Nhuận bút của bài (đồng)"), amount, "{row:?}");
                assert_eq!(
                    whole(row, "Trên tổng số phần"),
                    parts.iter().sum(),
                    "{row:?}"
                );
                assert_eq!(whole(row, "Người này nhận (đồng)"), share, "{row:?}");
                *paid.entry(row["Mã người nhận"].clone()).or_default() += share;
            }
        }
        for row in lines.iter().filter(|row| row["Loại"] == "Điều chỉnh") {
            let amount = whole(row, "Người này nhận (đồng)");
            *paid.entry(row["Mã người nhận"].clone()).or_default() += amount;
        }
        let payments = rows(payments);
        assert_eq!(payments.len(), paid.len());
        for row in &payments {
            let gross = paid[&row["Mã người nhận"]];
            let is_taxed =
                gross >= whole(row, "Ngưỡng khấu trừ (đồng)") && row["Bản cam kết"] == "không";
            let tax = match is_taxed {
                true => round(gross * decimal(row, "Thuế suất (%)"), 10_000),
                false => 0,
            };
            assert_eq!(whole(row, "Tổng nhuận bút (đồng)"), gross, "{row:?}");
            assert_eq!(whole(row, "Thuế khấu trừ (đồng)"), tax, "{row:?}");
            assert_eq!(whole(row, "Thực nhận (đồng)"), gross - tax, "{row:?}");
        }
        works.len()
    }

    fn uncut(row: &Row) -> i128 {
        let unit = round(
            whole(row, "Lương cơ sở") * decimal(row, "Giá trị đơn vị (% lương cơ sở)"),
            10_000,
        );
        assert_eq!(whole(row, "Giá trị đơn vị (đồng)"), unit, "{row:?}");
        let more = decimal(row, "Tăng: trẻ em, dân tộc thiểu số (%)")
            + decimal(row, "Tăng: tiếng dân tộc, tiếng nước ngoài (%)")
            + decimal(row, "Tăng: khó khăn, nguy hiểm (%)");
        let product = decimal(row, "Hệ số")
            * unit
            * (10_000 + more)
            * decimal(row, "Dịch (% bản gốc)")
            * decimal(row, "Mức của đơn vị (%)");
        round(product, 100 * 10_000 * 10_000 * 10_000)
    }
}

#[tokio::test]
async fn every_amount_of_locked_statements_can_be_counted_again_from_their_files() {
    let site = testing::site().await;
    // Old base salary, old threshold: exactly at it, just below it, and waived by a commitment.
    let at = publish(&site, "2026-06-03", "Ngay ngưỡng").await;
    let below = publish(&site, "2026-06-04", "Dưới ngưỡng").await;
    let waived = publish(&site, "2026-06-05", "Có cam kết").await;
    let shared = publish(&site, "2026-06-06", "Ba người, \"chung\" một bài").await;
    let (chronicle, media) = ("phong-su", "da-phuong-tien");
    // 234,000 × 8.55 = 2,000,700; × 8.54 = 1,998,360.
    give(&site, at, graded(chronicle, "8,55"), &[("A Mẫu", 1)])
        .await
        .expect("given");
    give(&site, below, graded(chronicle, "8,54"), &[("Y Thử", 1)])
        .await
        .expect("given");
    give(&site, waived, graded(media, "50"), &[("Nguyễn Văn Ví", 1)])
        .await
        .expect("given");
    let bonus = Grade {
        bonuses: Bonuses {
            children: number("12,5"),
            language: number("33,33"),
            hardship: number("7"),
        },
        translation: Some(number("61,9")),
        ..graded("tin", "0,37")
    };
    let three = [("A Bắc", 1), ("A Nam", 1), ("A Trung", 5)];
    give(&site, shared, bonus, &three).await.expect("given");
    commit(&site, "Nguyễn Văn Ví", "2026-01-01", "2026-12-31").await;
    it_is(&site, "2026-06-29");
    settle(&site, "2026-06", "2026-06-30").await;
    let (lines, payments) = files(&site, "2026-06").await;
    assert_eq!(recount::check(&lines, &payments), 4);
    let tax: Vec<(String, i128)> = recount::rows(&payments)
        .iter()
        .map(|row| {
            (
                row["Người nhận"].clone(),
                recount::whole(row, "Thuế khấu trừ (đồng)"),
            )
        })
        .collect();
    let of = |name: &str| tax.iter().find(|(who, _)| who == name).map(|(_, tax)| *tax);
    assert_eq!(of("A Mẫu"), Some(200_070));
    assert_eq!(of("Y Thử"), Some(0));
    assert_eq!(of("Nguyễn Văn Ví"), Some(0));

    // Both regimes in one statement, the new threshold, a factor and a ceiling that cuts.
    let old = publish(&site, "2026-08-31", "Ngày cuối của chế độ cũ").await;
    let new = publish(&site, "2026-09-01", "Ngày đầu của chế độ mới").await;
    let third = publish(&site, "2026-09-02", "Bài thứ ba").await;
    let pair = [("A Mẫu", 2), ("Y Thử", 1)];
    give(&site, old, graded(chronicle, "30"), &[("A Mẫu", 1)])
        .await
        .expect("given");
    give(&site, new, graded(chronicle, "4,99"), &pair)
        .await
        .expect("given");
    give(&site, third, graded("tin", "1,01"), &[("Y Thử", 1)])
        .await
        .expect("given");
    set_rates(
        &site,
        Rates {
            factor: number("87,65"),
            ceiling: Some(7_000_001),
            ..Rates::built_in()
        },
    )
    .await;
    settle(&site, "2026-08", "2026-09-02").await;
    it_is(&site, "2026-09-30");
    settle(&site, "2026-09", "2026-10-05").await;
    for (of, works) in [("2026-08", 1), ("2026-09", 2)] {
        let (lines, payments) = files(&site, of).await;
        assert_eq!(recount::check(&lines, &payments), works, "{of}");
    }
    let (lines, _) = files(&site, "2026-08").await;
    let rows = recount::rows(&lines);
    assert_eq!(rows[0]["Chế độ"], "ND18_2014");
    // 253,000 × 30 × 0.8765 = 6,652,635, below the ceiling and above the threshold.
    assert_eq!(rows[0]["Người này nhận (đồng)"], "6652635");
    let (lines, _) = files(&site, "2026-09").await;
    assert!(
        recount::rows(&lines)
            .iter()
            .all(|row| row["Chế độ"] == "LOCAL")
    );
}

#[tokio::test]
async fn both_regimes_and_a_ceiling_that_cuts_can_be_counted_again() {
    let site = testing::site().await;
    let old = publish(&site, "2026-08-31", "Đăng tháng 8").await;
    let new = publish(&site, "2026-09-01", "Đăng tháng 9").await;
    give(&site, new, graded("tin", "1"), &[("A Mẫu", 1)])
        .await
        .expect("given");
    settle(&site, "2026-09", "2026-09-01").await;
    // Graded only after its month was over: it is paid with the next, by the rates of its own day.
    give(&site, old, graded("da-phuong-tien", "50"), &[("A Mẫu", 1)])
        .await
        .expect("given");
    let later = publish(&site, "2026-10-02", "Đăng tháng 10").await;
    let pair = [("A Mẫu", 1), ("Y Thử", 2)];
    give(&site, later, graded("nghien-cuu", "9,99"), &pair)
        .await
        .expect("given");
    set_rates(
        &site,
        Rates {
            ceiling: Some(10_000_000),
            ..Rates::built_in()
        },
    )
    .await;
    assert_eq!(open_months(&site).await, ["2026-10"]);
    settle(&site, "2026-10", "2026-10-31").await;
    let (lines, payments) = files(&site, "2026-10").await;
    assert_eq!(recount::check(&lines, &payments), 2);
    let regimes: Vec<String> = recount::rows(&lines)
        .iter()
        .map(|row| row["Chế độ"].clone())
        .collect();
    assert_eq!(regimes, ["ND18_2014", "LOCAL", "LOCAL"]);
    let statement = statement::find(site.db.reader(), month("2026-10")).await;
    let statement = statement.expect("reads").expect("a statement");
    assert_eq!(
        (statement.gross, statement.uncut),
        (10_000_000, 12_650_000 + 2_527_470)
    );
}

#[tokio::test]
async fn a_locked_statement_does_not_change_whatever_else_does() {
    let site = testing::site().await;
    let one = publish(&site, "2026-11-02", "Vào mùa cà phê").await;
    let other = publish(&site, "2026-11-03", "Cầu treo mới").await;
    give(
        &site,
        one,
        graded("tin", "1,5"),
        &[("A Mẫu", 2), ("Y Thử", 1)],
    )
    .await
    .expect("given");
    give(&site, other, graded("anh", "1"), &[("A Mẫu", 1)])
        .await
        .expect("given");
    settle(&site, "2026-11", "2026-11-05").await;
    let before = files(&site, "2026-11").await;

    // Rates, names, commitments, entries, grades.
    set_rates(
        &site,
        Rates {
            factor: number("50"),
            ..Rates::built_in()
        },
    )
    .await;
    commit(&site, "A Mẫu", "2026-01-01", "2026-12-31").await;
    let people = person::all(site.db.reader()).await.expect("reads");
    let id = people[0].id;
    site.db
        .write(move |tx| Box::pin(async move { person::rename(tx, id, "Tên khác").await }))
        .await
        .expect("renamed");
    press::article("Tên bài khác").revise(&site, one, 2).await;
    press::withdraw(&site, other, 2).await;
    let again = give(&site, one, graded("tin", "2"), &[("Y Thử", 1)]).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    let again = approve(&site, "2026-11", "2026-11-06").await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    let again = lock(&site, "2026-11").await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    let reopened = site
        .db
        .write(move |tx| Box::pin(async move { statement::reopen(tx, month("2026-11")).await }));
    assert!(matches!(reopened.await, Err(Error::Conflict(_))));
    assert_eq!(files(&site, "2026-11").await, before);

    // And whoever has the database in hand.
    for sql in [
        "UPDATE royalty_lines SET share = share + 1",
        "UPDATE royalty_lines SET title = 'khác'",
        "DELETE FROM royalty_lines",
        "UPDATE royalty_payments SET net = 0",
        "DELETE FROM royalty_payments",
        "UPDATE royalty_statements SET gross = 0",
        "UPDATE royalty_statements SET state = 'approved'",
        "DELETE FROM royalty_statements",
        "INSERT INTO royalty_payments SELECT month, entry_id, 'Ai đó', 1, false, 1, 1, 0, 1 \
         FROM royalty_lines WHERE number = 1",
    ] {
        let done = site
            .db
            .write(move |tx| Box::pin(async move { Ok(tx.execute_unprepared(sql).await?) }));
        let refused = done.await.expect_err(sql);
        let told = format!("{:#}", anyhow::Error::new(refused));
        assert!(told.contains("never changes"), "{sql}: {told}");
    }
    assert_eq!(files(&site, "2026-11").await, before);

    // But for a title that must not be kept anywhere.
    site.db
        .write(move |tx| Box::pin(async move { snapshot::erase_title(tx, one).await }))
        .await
        .expect("erased");
    let after = files(&site, "2026-11").await;
    assert!(!after.0.contains("Vào mùa cà phê") && after.0.contains(sheet::ERASED));
    assert_eq!(after.0.replace(sheet::ERASED, "Vào mùa cà phê"), before.0);
    assert_eq!(after.1, before.1);
}

#[tokio::test]
async fn an_entry_is_paid_once_however_often_it_is_published() {
    let site = testing::site().await;
    let entry = publish(&site, "2026-10-05", "Vào mùa cà phê").await;
    give(&site, entry, graded("tin", "1"), &[("A Mẫu", 1)])
        .await
        .expect("given");
    press::article("Vào mùa cà phê, có sửa")
        .revise(&site, entry, 2)
        .await;
    assert_eq!(draft(&site, "2026-10").await.sum.works.len(), 1);
    settle(&site, "2026-10", "2026-10-31").await;

    it_is(&site, "2026-11-05");
    press::article("Sửa lần nữa").revise(&site, entry, 3).await;
    press::withdraw(&site, entry, 4).await;
    press::article("Đăng lại").revise(&site, entry, 5).await;
    assert!(open_months(&site).await.is_empty());
    let again = give(&site, entry, graded("tin", "1"), &[("A Mẫu", 1)]).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
}

#[tokio::test]
async fn what_was_taken_back_before_it_was_paid_drops_out_with_its_reason() {
    let site = testing::site().await;
    let gone = publish(&site, "2026-10-05", "Lịch cắt điện").await;
    let recalled = publish(&site, "2026-10-06", "Tin sai").await;
    let stays = publish(&site, "2026-10-07", "Vào mùa cà phê").await;
    for entry in [gone, recalled, stays] {
        give(&site, entry, graded("tin", "1"), &[("A Mẫu", 1)])
            .await
            .expect("given");
    }
    press::withdraw(&site, gone, 2).await;
    press::recall(&site, recalled, 1, "sai sự thật").await;
    let sum = draft(&site, "2026-10").await.sum;
    assert_eq!((sum.works.len(), sum.gross()), (1, 253_000));
    let reasons: Vec<&str> = sum.dropped.iter().map(|one| one.reason.as_str()).collect();
    assert!(reasons[0].starts_with("Đã gỡ bài"), "{reasons:?}");
    assert!(reasons[1].contains("Tỉnh đã thu hồi bài"), "{reasons:?}");
    settle(&site, "2026-10", "2026-10-31").await;
    let lines = snapshot::lines(site.db.reader(), month("2026-10"))
        .await
        .expect("reads");
    let dropped = lines
        .iter()
        .filter(|line| line.kind() == snapshot::Kind::Dropped);
    assert_eq!(dropped.count(), 2);

    // Published after all, and graded again, it is paid with a later month.
    it_is(&site, "2026-11-05");
    press::article("Lịch cắt điện, đã sửa")
        .revise(&site, gone, 3)
        .await;
    assert!(open_months(&site).await.is_empty());
    give(&site, gone, graded("tin", "1"), &[("A Mẫu", 1)])
        .await
        .expect("given");
    assert_eq!(open_months(&site).await, ["2026-11"]);
}

#[tokio::test]
async fn copies_of_others_entries_are_never_paid() {
    let (site, neighbour) = (testing::site().await, testing::site().await);
    let copy = publish(&neighbour, "2026-11-02", "Tin của xã bạn").await;
    testing::deliver(&neighbour, &site, copy).await;
    give(&site, copy, graded("tin", "1"), &[("A Mẫu", 1)])
        .await
        .expect("noted");
    assert!(open_months(&site).await.is_empty());
}

#[tokio::test]
async fn what_was_approved_is_what_is_locked() {
    let site = testing::site().await;
    let entry = publish(&site, "2026-11-02", "Vào mùa cà phê").await;
    let refused = approve(&site, "2026-11", "2026-11-20").await;
    assert!(refused.is_err(), "there is nothing to pay");
    give(&site, entry, graded("tin", "1"), &[("A Mẫu", 1)])
        .await
        .expect("given");
    let early = lock(&site, "2026-11").await;
    assert!(matches!(early, Err(Error::Conflict(_))), "{early:?}");
    approve(&site, "2026-11", "2026-11-20")
        .await
        .expect("approved");
    give(&site, entry, graded("tin", "2"), &[("A Mẫu", 1)])
        .await
        .expect("given");
    assert!(
        !draft(&site, "2026-11")
            .await
            .is_as_approved()
            .expect("a digest")
    );
    let changed = lock(&site, "2026-11").await;
    assert!(matches!(changed, Err(Error::Conflict(_))), "{changed:?}");
    approve(&site, "2026-11", "2026-11-20")
        .await
        .expect("approved again");
    lock(&site, "2026-11").await.expect("locked");
    assert_eq!(
        statement::last_locked(site.db.reader())
            .await
            .expect("reads"),
        Some(month("2026-11"))
    );
}

#[tokio::test]
async fn months_are_locked_in_order_and_none_before_it_came() {
    let site = testing::site().await;
    let first = publish(&site, "2026-09-02", "Tháng 9").await;
    let second = publish(&site, "2026-10-02", "Tháng 10").await;
    for entry in [first, second] {
        give(&site, entry, graded("tin", "1"), &[("A Mẫu", 1)])
            .await
            .expect("given");
    }
    assert_eq!(open_months(&site).await, ["2026-09", "2026-10"]);
    let later = approve(&site, "2026-10", "2026-10-05").await;
    assert!(matches!(later, Err(Error::Invalid(_))), "{later:?}");
    let unborn = approve(&site, "2026-11", "2026-10-05").await;
    assert!(matches!(unborn, Err(Error::Conflict(_))), "{unborn:?}");
    settle(&site, "2026-09", "2026-10-05").await;
    settle(&site, "2026-10", "2026-10-05").await;
    // Published in a month that is locked: paid with the next.
    let third = publish(&site, "2026-10-20", "Sau khi khóa").await;
    give(&site, third, graded("tin", "1"), &[("A Mẫu", 1)])
        .await
        .expect("given");
    assert_eq!(open_months(&site).await, ["2026-11"]);
}

#[tokio::test]
async fn a_mistake_is_mended_by_a_line_of_a_later_month() {
    let site = testing::site().await;
    let entry = publish(&site, "2026-10-02", "Vào mùa cà phê").await;
    give(&site, entry, graded("tin", "1"), &[("A Mẫu", 1)])
        .await
        .expect("given");
    let person = person::all(site.db.reader()).await.expect("reads")[0].id;
    let enter = async |of: &str, about: &str, amount: i64| {
        let new = New {
            month: month(of),
            about: month(about),
            person,
            amount,
            reason: "Tính thiếu một ảnh".to_owned(),
        };
        let now = site.clock.now().timestamp_millis();
        site.db
            .write(move |tx| {
                Box::pin(async move { Ok(adjustment::enter(tx, new, BY, now).await?.id) })
            })
            .await
    };
    assert!(
        enter("2026-11", "2026-10", 50_000).await.is_err(),
        "October is open still"
    );
    settle(&site, "2026-10", "2026-10-31").await;
    assert!(
        enter("2026-10", "2026-10", 50_000).await.is_err(),
        "October is locked"
    );
    assert!(enter("2026-11", "2026-10", 0).await.is_err());
    it_is(&site, "2026-11-05");
    enter("2026-11", "2026-10", -50_000).await.expect("entered");
    let wrong = enter("2026-11", "2026-10", 1).await.expect("entered");
    site.db
        .write(move |tx| {
            Box::pin(async move { adjustment::remove(tx, month("2026-11"), wrong).await })
        })
        .await
        .expect("removed");
    settle(&site, "2026-11", "2026-11-30").await;
    let (lines, payments) = files(&site, "2026-11").await;
    assert_eq!(recount::check(&lines, &payments), 0);
    assert!(payments.contains(",-50000,"), "{payments}");
    assert!(lines.contains("10/2026"), "{lines}");
}

#[tokio::test]
async fn who_has_an_account_is_one_person_however_often_they_are_named() {
    let site = testing::site().await;
    let account = testing::account(&site, Role::Contributor).await.id;
    let entry = publish(&site, "2026-11-02", "Vào mùa cà phê").await;
    let given = |authors: Vec<(Who, i64)>| Given {
        grade: graded("tin", "1"),
        authors,
    };
    let put = async |given: Given| {
        let now = site.clock.now().timestamp_millis();
        site.db
            .write(move |tx| {
                Box::pin(async move { grade::give(tx, entry, given, None, now).await })
            })
            .await
    };
    put(given(vec![(Who::Account(account), 1)]))
        .await
        .expect("given");
    let known = person::of_account(site.db.reader(), account)
        .await
        .expect("reads");
    let known = known.expect("a person").id;
    put(given(vec![(Who::Person(known), 1)]))
        .await
        .expect("given");
    let twice = put(given(vec![
        (Who::Account(account), 1),
        (Who::Person(known), 1),
    ]))
    .await;
    assert!(matches!(twice, Err(Error::Invalid(_))), "{twice:?}");
    let nobody = put(given(vec![(Who::Account(Uuid::nil()), 1)])).await;
    assert!(matches!(nobody, Err(Error::Invalid(_))), "{nobody:?}");
    assert_eq!(person::all(site.db.reader()).await.expect("reads").len(), 1);
}
