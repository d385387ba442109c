//! Two machines with one folder: noticed by who hears both of them, and said to both.

use shared::problem::ProblemKind;
use std::time::Duration;
use tests::{Backend, Province, Text, bounded, eventually, is_deep, measured, within};
use tokio::time::Instant;
use uuid::Uuid;

on_both_databases! {
    two_that_speak_for_one_site_are_held
}

async fn two_that_speak_for_one_site_are_held(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    for run in [first, first, second, second] {
        peer.run = Some(run);
        peer.try_greet().await.expect("a start is normal");
    }
    let item = peer.says(peer.article("Tin trước khi có hai máy"));
    peer.push(vec![item]).await;

    peer.run = Some(first);
    peer.try_greet().await.expect("once may be a late one");
    peer.try_greet()
        .await
        .expect_err("the first lives on beside the second");
    let item = peer.says(peer.article("Tin của một trong hai máy"));
    let request = peer.request(&peer.batch(vec![item]));
    let answer = peer.send(&request).await;
    let problem = answer.problem().expect("a problem");
    assert_eq!(problem.kind, ProblemKind::SiteDoubled);
    assert!(
        problem.retry_after.is_some(),
        "it is told when to come again"
    );
    let words = problem.detail.expect("words");
    assert!(words.contains("Hai máy"), "{words}");
    let operator = province.hub.staff().await;
    eventually("the province's table names it", async || {
        let page = operator.visitor.get("/quan-tri/don-vi").await;
        page.showing("Hai máy đang cùng chạy cổng bên kia")
    })
    .await;
}

/// Real machines greet once a minute, so this takes some minutes, and is for `tests/deep`.
#[tokio::test]
async fn a_copied_folder_that_runs_beside_the_first_is_noticed() {
    if is_deep() {
        bounded(a_copied_folder()).await;
    }
}

async fn a_copied_folder() {
    let province = Province::found(Backend::Sqlite).await;
    let mut member = province.commune("xã Kon Braih").await;
    let desk = member.staff().await;
    member.stop().await;
    let mut twin = province.twin_of(&member);
    member.start().await;
    let begun = Instant::now();
    twin.start().await;
    for machine in [&member.server, &twin] {
        within(
            Duration::from_secs(600),
            "each machine is told",
            async || {
                let said = machine.command_says(&["status"]).await;
                if said.contains("site-doubled") {
                    Ok(())
                } else {
                    Err(said)
                }
            },
        )
        .await;
    }
    let noticed = begun.elapsed();
    twin.stop().await;
    let stopped = Instant::now();
    let title = "Tin sau khi chỉ còn một máy";
    desk.publish(&Text::article(title)).await;
    within(
        Duration::from_secs(900),
        "it is heard again",
        async || match province.records().await.rows_saying("entries", title) {
            1 => Ok(()),
            count => Err(count),
        },
    )
    .await;
    eventually("nobody is held any more", async || {
        let operator = province.hub.staff().await;
        let page = operator.visitor.get("/quan-tri/don-vi").await;
        page.without("Hai máy đang cùng chạy")
    })
    .await;
    measured(
        "two machines",
        &format!(
            "a copied folder running beside the first: both told {:.0} s after the second started; heard \
             again {:.0} s after one was stopped",
            noticed.as_secs_f64(),
            stopped.elapsed().as_secs_f64()
        ),
    );
}
