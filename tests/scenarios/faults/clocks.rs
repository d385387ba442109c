//! Clocks that are wrong by less than anybody would notice.

use std::time::Duration;
use tests::machine::WrongClock;
use tests::{Backend, Province, Text, bounded, measured};

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
