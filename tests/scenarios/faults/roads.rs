//! Roads that go bad in every way, in both directions, at any moment: afterwards everything has arrived
//! once, and each side knows it.

use rand::RngExt;
use std::time::Duration;
use tests::ledger::a_moment;
use tests::{
    Backend, Chance, Fault, Front, NewMember, Province, Text, eventually, measured, rounds,
};
use tokio::time::Instant;

on_both_databases! {
    every_bad_road_heals
}

async fn every_bad_road_heals(hub: Backend) {
    let mut chance = Chance::begin();
    let province = Province::found_behind(hub, Front::Proxy).await;
    let called = province.join(NewMember::behind_proxy("xã Kon Braih")).await;
    let asking = province.join(NewMember::behind_nat("xã Đăk Kôi")).await;
    let (up, down) = (
        province.road.as_ref().expect("a road to the hub"),
        called.road.as_ref().expect("a road to the member"),
    );
    let editor = province.hub.staff().await;
    let desks = [called.staff().await, asking.staff().await];
    let (mut from_below, mut from_above) = (Vec::new(), Vec::new());
    let (rounds, bouts) = (rounds(2, 20), rounds(5, 8));
    let mut took = Vec::new();
    for round in 0..rounds {
        for bout in 0..bouts {
            up.set(Fault::any(&mut *chance));
            down.set(Fault::any(&mut *chance));
            for (desk, place) in desks.iter().zip(["Kon Braih", "Đăk Kôi"]) {
                let title = format!("Tin từ {place} lần {round}.{bout}");
                desk.publish(&Text::article(&title)).await;
                from_below.push(title);
            }
            let title = format!("Thông báo của tỉnh lần {round}.{bout}.");
            editor.publish(&Text::notice(&title)).await;
            from_above.push(title);
            if chance.random_bool(0.3) {
                // Up and down faster than anybody can begin anything.
                for _ in 0..6 {
                    up.set(Fault::Cut);
                    tokio::time::sleep(Duration::from_millis(250)).await;
                    up.set(Fault::None);
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
            } else {
                a_moment(1_500, &mut chance).await;
            }
        }
        up.set(Fault::None);
        down.set(Fault::None);
        let healed = Instant::now();
        // A sender that was cut off waits up to ten minutes; after as few failures as here, two. Silence is noticed
        // after one more.
        eventually("everything has arrived, once", async || {
            let there = province.records().await;
            let at_both = [called.records().await, asking.records().await];
            for title in &from_below {
                if there.rows_saying("entries", &format!("{title}\"")) != 1 {
                    return Err(format!("{title:?} at the province"));
                }
            }
            for title in &from_above {
                if at_both
                    .iter()
                    .any(|here| here.rows_saying("entries", title) != 1)
                {
                    return Err(format!("{title:?} at the communes"));
                }
            }
            Ok(())
        })
        .await;
        took.push(healed.elapsed());
    }
    eventually("each author sees that it has arrived", async || {
        for desk in &desks {
            desk.sent().await.without("Đang chờ gửi")?;
        }
        Ok::<_, String>(())
    })
    .await;
    for log in [province.hub.log(), called.log(), asking.log()] {
        assert!(!log.contains("item refused"), "somebody refused something");
    }
    took.sort();
    measured(
        "G5",
        &format!(
            "{hub:?}: {rounds} times {bouts} bad roads healed, {} entries, 0 lost, 0 doubled; \
             all there {:.1} s after (median), {:.1} s at most",
            from_below.len() + from_above.len(),
            took[took.len() / 2].as_secs_f64(),
            took[took.len() - 1].as_secs_f64(),
        ),
    );
}
