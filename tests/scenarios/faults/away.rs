//! Two months away: who comes back catches up, and nobody has to do anything.

use std::time::Duration;
use tests::faulty_peer::ACCEPTED;
use tests::machine::WrongClock;
use tests::{Backend, Province, bounded, measured, rounds, within};
use tokio::time::Instant;

const SIXTY_DAYS: Duration = Duration::from_secs(60 * 24 * 60 * 60);
const BATCH: usize = 100;
const PATIENCE: Duration = Duration::from_secs(30 * 60);
const AT_ONCE: &str = "UPDATE routes SET moment = 'arrival' WHERE moment <> $1";
const HERE: &str = "SELECT COUNT(*) FROM entries WHERE title LIKE $1";
const REFUSED: &str = "SELECT COUNT(*) FROM refusals WHERE reason <> $1";

#[tokio::test]
async fn who_was_away_for_sixty_days_catches_up_by_itself() {
    bounded(async {
        let mut province = Province::found(Backend::Sqlite).await;
        let mut author = province.faulty_peer("xã Đăk Kôi").await;
        let mut away = province.commune("xã Kon Braih").await;
        away.stop().await;
        // What a commune says goes on to its neighbours without waiting for anybody.
        assert!(province.behind(AT_ONCE, "").await > 0, "there are routes");
        let changes = rounds(300, 5_000);
        for batch in 0..changes / BATCH {
            let items = (1..=BATCH)
                .map(|number| {
                    let title = format!("Tin lúc đi vắng số {}", batch * BATCH + number);
                    author.says(author.article(&title))
                })
                .collect();
            let receipt = author.push(items).await;
            let all = tests::faulty_peer::outcomes(&receipt);
            assert!(all.iter().all(|outcome| *outcome == ACCEPTED), "{all:?}");
        }

        province.hub.stop().await;
        let clocks = [
            WrongClock::give_to(&mut province.hub),
            WrongClock::give_to(&mut away.server),
        ];
        for clock in clocks.iter().flatten() {
            clock.is_off_by(SIXTY_DAYS, false);
        }
        if clocks.iter().any(Option::is_none) {
            return;
        }
        province.hub.start().await;
        let begun = Instant::now();
        away.start().await;
        within(PATIENCE, "it has caught up", async || {
            let here = away.counts(HERE, "Tin lúc đi vắng số %").await;
            if here == i64::try_from(changes)? {
                anyhow::Ok(())
            } else {
                anyhow::bail!("{here} of {changes}")
            }
        })
        .await;
        let took = begun.elapsed();
        assert_eq!(province.counts(REFUSED, "").await, 0, "nothing was refused");
        assert_eq!(away.counts(REFUSED, "").await, 0, "nothing was refused");
        measured(
            "G7",
            &format!(
                "60 days away, {changes} changes waiting: all there {:.0} s after its start, 0 refused, \
                 0 set aside, nobody acted",
                took.as_secs_f64()
            ),
        );
    })
    .await;
}
