//! Clocks that are wrong: by less than anybody would notice, and by a day.

use std::time::Duration;
use tests::machine::WrongClock;
use tests::{Backend, Member, Province, Server, Staff, Text, Written, bounded, measured, within};
use tokio::time::Instant;

on_both_databases! {
    clocks_that_jump_lose_and_double_nothing
}

/// What is written while nobody hears us waits for a few attempts; far less than ten minutes.
const PATIENCE: Duration = Duration::from_secs(180);

/// How far a clock jumps, and whether back.
const JUMPS: [(u64, bool); 4] = [(600, false), (600, true), (86_400, false), (86_400, true)];

async fn clocks_that_jump_lose_and_double_nothing(hub: Backend) {
    let mut province = Province::found(hub).await;
    let mut member = province.commune("xã Kon Braih").await;
    let Some(of_hub) = with_clock(&mut province.hub).await else {
        return;
    };
    let Some(of_member) = with_clock(&mut member.server).await else {
        return;
    };
    let (mut editor, mut desk) = (province.hub.staff().await, member.staff().await);
    let mut titles = Vec::new();
    let mut took = Duration::ZERO;
    for clock in [&of_hub, &of_member] {
        for (seconds, is_back) in JUMPS {
            let what = format!(
                "{} {}{seconds} giây",
                if std::ptr::eq(clock, &of_hub) {
                    "tỉnh"
                } else {
                    "xã"
                },
                if is_back { "lùi" } else { "vượt" },
            );
            let above = editor
                .publish(&Text::notice(format!("Trước, {what}.")))
                .await;
            let below = desk
                .publish(&Text::article(format!("Bài trước, {what}.")))
                .await;
            clock.is_off_by(Duration::from_secs(seconds), is_back);
            // A session of yesterday is over; people sign in again.
            let is_over = seconds > 3_600;
            if is_over {
                editor = province.hub.staff_again(&editor).await;
                desk = member.server.staff_again(&desk).await;
            }
            let above = editor
                .revise(&above, &format!("Sau, {what}."), "Sửa giờ.")
                .await;
            let below = desk
                .revise(&below, &format!("Bài sau, {what}."), "Sửa giờ.")
                .await;
            clock.is_off_by(Duration::ZERO, false);
            let right = Instant::now();
            titles.extend([above.title.clone(), below.title.clone()]);
            arrives(&province, &member, &above, &below).await;
            took = took.max(right.elapsed());
            if is_over {
                editor = province.hub.staff_again(&editor).await;
                desk = member.server.staff_again(&desk).await;
            }
            sees_it_sent(&desk, &below).await;
        }
    }
    let (there, here) = (province.records().await, member.records().await);
    for (records, whose) in [(&there, "the hub"), (&here, "the member")] {
        for title in &titles {
            let rows = records.rows_saying("entries", &format!("{title}\""));
            assert_eq!(rows, 1, "{title} at {whose}");
        }
    }
    for log in [province.hub.log(), member.log()] {
        assert!(!log.contains("item refused"), "{log}");
    }
    measured(
        "G21",
        &format!(
            "{hub:?}: the clocks of a hub and of a member 10 minutes and a day ahead and back: {} entries \
             published before and revised meanwhile, 0 lost, 0 doubled, all there {:.1} s after at most",
            titles.len(),
            took.as_secs_f64()
        ),
    );
}

/// Gives a running server a clock of its own.
async fn with_clock(server: &mut Server) -> Option<WrongClock> {
    server.stop().await;
    let clock = WrongClock::give_to(server);
    server.start().await;
    clock
}

async fn arrives(province: &Province, member: &Member, above: &Written, below: &Written) {
    within(PATIENCE, "both have arrived as they are now", async || {
        let (there, here) = (province.records().await, member.records().await);
        for (records, title) in [(&there, &below.title), (&here, &above.title)] {
            match records.rows_saying("entries", &format!("{title}\"")) {
                1 => {}
                times => return Err(format!("{title:?} {times} times")),
            }
        }
        Ok(())
    })
    .await;
}

async fn sees_it_sent(desk: &Staff, below: &Written) {
    within(PATIENCE, "its authors see that it arrived", async || {
        let sent = desk.sent().await.showing(&below.title)?;
        sent.without("Đang chờ gửi")
    })
    .await;
}

/// Five minutes are within what requests allow; so a neighbour that joined this minute, and whose key
/// is younger than our clock, must be believed.
#[tokio::test]
async fn a_clock_that_is_a_little_slow_believes_a_young_key() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut slow = province.commune("xã Kon Braih").await;
        slow.stop().await;
        let Some(clock) = WrongClock::give_to(&mut slow) else {
            return;
        };
        clock.is_off_by(Duration::from_secs(45), true);
        slow.start().await;

        let young = province.commune("xã Đăk Kôi").await;
        let title = "Tin đầu tiên của trang mới mở";
        young.staff().await.publish(&Text::article(title)).await;
        province.hub.staff().await.accept(title).await;
        slow.staff().await.finds_in_inbox(title).await;
        assert!(!slow.log().contains("item refused"), "nothing was refused");
        measured(
            "G21",
            "a clock 45 s slow believed a key younger than its own time: 0 refused",
        );
    })
    .await;
}
