//! Disks that are full: nothing acknowledged is lost, everybody can read on, and when there is space
//! again the work goes on by itself.

use serde_json::json;
use std::time::Duration;
use tests::machine::SmallDisk;
use tests::{Backend, Province, Text, Written, bounded, eventually, measured, rounds, within};

/// Whoever was told that there is no space was told to come back in a minute.
const RETURN: Duration = Duration::from_secs(150);

#[tokio::test]
async fn a_full_hub_loses_nothing_and_goes_on_by_itself() {
    bounded(async {
        let mut province = Province::found(Backend::Sqlite).await;
        let mut peer = province.faulty_peer("xã Kon Braih").await;
        let editor = province.hub.staff().await;
        let notice = editor
            .publish(&Text::notice("Thông báo lúc đĩa còn chỗ"))
            .await;
        province.hub.stop().await;
        let Some(disk) = SmallDisk::under(province.hub.folder()) else {
            return;
        };
        province.hub.start().await;

        let (mut said, mut safe, mut refused) = (Vec::new(), 0, 0);
        for _ in 0..rounds(2, 15) {
            disk.fill();
            // A page of SQLite may still be free: it is full when it says so.
            loop {
                let item = peer.says(large(&peer));
                said.push(item.clone());
                let answer = peer.send(&peer.request(&peer.batch(vec![item]))).await;
                if answer.status == 200 {
                    safe += 1;
                    peer.cursor += 1;
                    continue;
                }
                assert!(answer.status >= 500, "{}: {}", answer.status, answer.text());
                assert!(answer.problem().is_some(), "{}", answer.text());
                refused += 1;
                break;
            }
            for path in [
                "/",
                &notice.page,
                "/atom",
                "/feed.json",
                "/tim-kiem?q=thong+bao",
            ] {
                let page = province.hub.visitor().get(path).await;
                assert_eq!(page.status, 200, "{path}: everybody reads on");
            }
            disk.empty();
            eventually("it takes in what it had no space for", async || {
                peer.cursor = peer.try_greet().await?.cursors.regular;
                let held = usize::try_from(peer.cursor)?;
                assert!(held >= safe, "acknowledged and lost");
                peer.try_push(said[held..].to_vec()).await?;
                safe = said.len();
                anyhow::Ok(())
            })
            .await;
        }
        province.hub.kill_9();
        province.hub.start().await;
        assert_eq!(
            peer.held().await.len(),
            said.len(),
            "nothing lost, nothing twice"
        );
        measured(
            "G17",
            &format!(
                "hub: disk full {refused} times, {safe} acknowledged, 0 lost, 0 pages not served"
            ),
        );
        province.hub.stop().await;
        drop(disk);
    })
    .await;
}

/// An article of a size that fills what is left.
fn large(peer: &tests::FaultyPeer) -> tests::faulty_peer::Draft {
    let draft = peer.article("Tin dài");
    let entry = draft.header.entry.expect("an entry");
    let mut content = peer.content(entry, "Tin dài");
    content["content_html"] = json!(format!("<p>{}</p>", "cà phê ".repeat(20_000)));
    draft.about(content)
}

#[tokio::test]
async fn a_full_member_loses_nothing_and_goes_on_by_itself() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        let desk = member.staff().await;
        let before = desk.publish(&Text::article("Tin lúc đĩa còn chỗ")).await;
        member.stop().await;
        let Some(disk) = SmallDisk::under(member.folder()) else {
            return;
        };
        member.start().await;
        disk.fill();

        let mut published = Vec::new();
        let refused = loop {
            let title = format!("Tin lúc đĩa đầy dần, số {}.", published.len() + 1);
            let text = Text {
                body: "Bà con ra đồng từ sớm. ".repeat(2_000),
                ..Text::article(&title)
            };
            match desk.try_publish(&text).await {
                Ok(written) => published.push(written),
                Err(why) => break why,
            }
        };
        println!(
            "{} published before it was full; then: {:.200}",
            published.len(),
            refused
        );
        for path in ["/", &before.page, "/atom"] {
            let page = member.visitor().get(path).await;
            assert_eq!(page.status, 200, "{path}: everybody reads on");
        }
        // The province goes on, and the commune has no place for it.
        let editor = province.hub.staff().await;
        let notice = "Thông báo lúc xã hết chỗ";
        editor.publish(&Text::notice(notice)).await;
        let elsewhere = province.commune("xã Đăk Kôi").await;
        eventually("a neighbour has it", async || {
            elsewhere.visitor().get("/").await.showing(notice)
        })
        .await;

        disk.empty();
        within(RETURN, "the notice comes by itself", async || {
            member.visitor().get("/").await.showing(notice)
        })
        .await;
        let after = desk.publish(&Text::article("Tin lúc đĩa lại có chỗ")).await;
        published.push(after);
        // Its link was told to come back in a minute as well.
        within(RETURN, "the province has all of it", async || {
            let there = province.records().await;
            let not_once = |written: &&Written| there.rows_saying("entries", &written.title) != 1;
            match published.iter().find(not_once) {
                None => Ok(()),
                Some(written) => Err(written.title.clone()),
            }
        })
        .await;
        for written in &published {
            assert_eq!(member.visitor().get(&written.page).await.status, 200);
        }
        member.stop().await;
        drop(disk);
    })
    .await;
}
