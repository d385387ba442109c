//! Clocks that are wrong, jump ahead and jump back: nothing is lost, nothing doubled, and whoever set the
//! clock right need do nothing else.

use std::time::Duration;
use tests::machine::WrongClock;
use tests::{
    Backend, Member, NewMember, Province, Text, bounded, eventually, measured, rounds, within,
};

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// A link whose clock was wrong for a while has failed a few times, and waits a minute or two at most.
const PATIENCE: Duration = Duration::from_secs(150);

/// Who has the wrong clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    TheHubs,
    TheMembers,
}

#[tokio::test]
async fn a_member_s_clock_jumps_and_nothing_is_lost() {
    bounded(jumps(Whose::TheMembers, NewMember::commune("xã Kon Braih"))).await;
}

#[tokio::test]
async fn an_asking_member_s_clock_jumps_and_nothing_is_lost() {
    bounded(jumps(
        Whose::TheMembers,
        NewMember::behind_nat("xã Kon Braih"),
    ))
    .await;
}

#[tokio::test]
async fn the_hub_s_clock_jumps_and_nothing_is_lost() {
    bounded(jumps(Whose::TheHubs, NewMember::commune("xã Kon Braih"))).await;
}

async fn jumps(whose: Whose, new: NewMember<'_>) {
    let mut province = Province::found(Backend::Sqlite).await;
    let mut member = province.join(new).await;
    let victim = match whose {
        Whose::TheHubs => &mut province.hub,
        Whose::TheMembers => &mut member.server,
    };
    victim.stop().await;
    let Some(clock) = WrongClock::give_to(victim) else {
        return;
    };
    victim.start().await;

    let offs = [
        (10 * MINUTE, false),
        (10 * MINUTE, true),
        (DAY, false),
        (DAY, true),
        (30, false),
    ];
    let rounds = rounds(1, 6);
    let mut titles = Vec::new();
    for round in 0..rounds {
        for (off, is_back) in offs {
            clock.is_off_by(Duration::from_secs(off), is_back);
            let sign = if is_back { "chậm" } else { "nhanh" };
            let from_below = format!("Tin lúc đồng hồ {sign} {off} giây, lần {round}.");
            let from_above = format!("Thông báo lúc đồng hồ {sign} {off} giây, lần {round}.");
            // A session may have ended at a jump: they sign in anew.
            let desk = member.staff().await;
            desk.publish(&Text::article(&from_below)).await;
            let editor = province.hub.staff().await;
            editor.publish(&Text::notice(&from_above)).await;
            if off > 5 * MINUTE {
                says_that_clocks_differ(&member).await;
            }
            titles.push((from_below, from_above));
        }
        // Right again, from wherever it was.
        clock.is_off_by(Duration::ZERO, false);
        within(PATIENCE, "everything is there, once", async || {
            let (there, here) = (province.records().await, member.records().await);
            for (from_below, from_above) in &titles {
                if there.rows_saying("entries", from_below) != 1 {
                    return Err(from_below.clone());
                }
                if here.rows_saying("entries", from_above) != 1 {
                    return Err(from_above.clone());
                }
            }
            Ok(())
        })
        .await;
    }
    for log in [province.hub.log(), member.log()] {
        assert!(!log.contains("item refused"), "somebody refused something");
    }
    measured(
        "G21",
        &format!(
            "{whose:?} clock ({} member): {} jumps of 30 s, 10 min and 1 day either way, {} entries, \
             0 lost, 0 doubled",
            new.link,
            rounds * (offs.len() + 1),
            2 * titles.len(),
        ),
    );
}

/// The people of the member can see why nothing goes through.
async fn says_that_clocks_differ(member: &Member) {
    eventually("the member knows that the clocks differ", async || {
        let status = member.command_says(&["status"]).await;
        // What it refuses itself it cannot know more of than that no proved answer came.
        if status.contains("clock-skew") || status.contains("Lỗi gần nhất") {
            Ok(())
        } else {
            Err(status)
        }
    })
    .await;
}

/// Four minutes are within what requests allow; so a neighbour that joined this minute, and whose key
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
    })
    .await;
}
