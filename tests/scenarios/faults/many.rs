//! A province of many members of which some are slow: what is urgent reaches all of them in time, and
//! the slow ones hold nobody up.

use futures_util::future::join_all;
use std::time::Duration;
use tests::{Backend, Fault, Province, Seat, Text, bounded, measured, rounds, within};
use tokio::time::Instant;

/// What is promised: everybody who can be reached, within a minute.
const PROMISED: Duration = Duration::from_secs(60);
/// A road of 2 KiB a second, as at the edge of a mobile network.
const NARROW: Fault = Fault::Narrow(2_048);
const LATE: Fault = Fault::Slow(Duration::from_secs(2));

#[tokio::test]
async fn a_withdrawal_reaches_everybody_in_a_minute() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let count = rounds(20, 200);
        let crowd = province.crowd(count).await;
        let desk = province.hub.staff().await;
        let title = "Danh sách có số căn cước của người dân";
        let written = desk.publish(&Text::notice(title)).await;
        let shown = Instant::now();
        join_all(crowd.seats.iter().map(|seat| shows(seat, title))).await;
        println!(
            "{count} members show it after {:.1} s",
            shown.elapsed().as_secs_f64()
        );

        // One in ten is at the end of a bad road.
        for (number, seat) in crowd.seats.iter().enumerate() {
            match number % 20 {
                0 => seat.road.set(NARROW),
                10 => seat.road.set(LATE),
                _ => {}
            }
        }
        // A backlog that is not urgent goes the same way.
        for number in 0..rounds(3, 10) {
            let text = Text::notice(format!("Thông báo thường số {number}"));
            desk.publish(&text).await;
        }
        let begun = Instant::now();
        desk.withdraw(&written, "Có thông tin cá nhân của người dân.")
            .await;
        let mut took = join_all(crowd.seats.iter().enumerate().map(async |(number, seat)| {
            is_gone(seat, &written.page).await;
            (number % 10 == 0, begun.elapsed())
        }))
        .await;
        took.sort_by_key(|(_, took)| *took);
        let seconds = |at: usize| took[at].1.as_secs_f64();
        let healthy: Vec<f64> = took
            .iter()
            .filter(|(is_slow, _)| !is_slow)
            .map(|(_, took)| took.as_secs_f64())
            .collect();
        let last = took[took.len() - 1].1;
        measured(
            "G9",
            &format!(
                "withdrawal at {count} members of which {} are slow: gone after {:.1} s (median), \
                 {:.1} s (p95), {:.1} s (last); last member on a good road {:.1} s",
                count - healthy.len(),
                seconds(took.len() / 2),
                seconds(took.len() * 95 / 100),
                last.as_secs_f64(),
                healthy[healthy.len() - 1],
            ),
        );
        assert!(last <= PROMISED, "{last:?}");
    })
    .await;
}

async fn shows(seat: &Seat, title: &str) {
    within(4 * PROMISED, "every member shows it", async || {
        seat.visitor().get("/").await.showing(title)
    })
    .await;
}

async fn is_gone(seat: &Seat, page: &str) {
    let visitor = seat.visitor();
    within(
        2 * PROMISED,
        "it is gone everywhere",
        async || match visitor.get(page).await.status {
            410 => Ok(()),
            status => Err(status),
        },
    )
    .await;
}
