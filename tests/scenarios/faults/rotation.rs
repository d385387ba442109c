//! A key that is replaced again and again under load: nothing is lost on the way from one to the next.

use std::time::Duration;
use tests::{Backend, Province, Text, bounded, is_deep, measured, within};
use tokio::time::Instant;

const EVERY: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_key_that_changes_every_five_seconds_loses_nothing() {
    bounded(async {
        let lasts = Duration::from_secs(if is_deep() { 600 } else { 20 });
        let province = Province::found(Backend::Sqlite).await;
        let member = province.commune("xã Kon Braih").await;
        let desk = member.staff().await;
        let begun = Instant::now();
        let rotating = async {
            let mut rotations = 0;
            let mut rhythm = Instant::now();
            while begun.elapsed() < lasts {
                let said = member.command_says(&["rotate-key"]).await;
                assert!(said.contains("Đã thay khóa"), "{said}");
                rotations += 1;
                rhythm += EVERY;
                tokio::time::sleep_until(rhythm).await;
            }
            rotations
        };
        let writing = async {
            let mut titles = Vec::new();
            while begun.elapsed() < lasts {
                let title = format!("Tin giữa hai khóa, số {}.", titles.len() + 1);
                desk.publish(&Text::article(&title)).await;
                titles.push(title);
            }
            titles
        };
        let (rotations, titles) = tokio::join!(rotating, writing);
        within(Duration::from_secs(120), "all has arrived, once", async || {
            let there = province.records().await;
            let missing = |title: &&String| there.rows_saying("entries", title) != 1;
            match titles.iter().find(missing) {
                None => Ok(()),
                Some(title) => Err(title.clone()),
            }
        })
        .await;
        assert!(!province.hub.log().contains("item refused"), "nothing was refused");
        measured(
            "G11",
            &format!(
                "{rotations} changes of key in {} s, one every five seconds where the machine kept up: \
                 {} entries published meanwhile, 0 lost, 0 refused",
                lasts.as_secs(),
                titles.len()
            ),
        );
    })
    .await;
}
