use super::*;
use crate::newsroom::draft::Contents;
use crate::newsroom::form::DraftForm;
use crate::newsroom::moves::{self, Person, Saving};
use crate::testing::{self, TestSite};
use std::time::Duration;

fn contents(body: &str) -> Contents {
    let form = DraftForm {
        kind: "article".to_owned(),
        title: "Vào mùa cà phê".to_owned(),
        body: body.to_owned(),
        section: "tin-tuc".to_owned(),
        ..DraftForm::default()
    };
    Contents::of(&form).expect("in order")
}

async fn begin(site: &TestSite, by: Uuid) -> draft::Model {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { moves::begin(tx, contents("Một"), by, now).await }))
        .await
        .expect("a draft")
}

async fn save(site: &TestSite, id: Uuid, body: &str, by: Uuid, saving: Saving) {
    let contents = contents(body);
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let draft = draft::find(tx, id).await?.ok_or(Error::NotFound)?;
                let by = Person::approver(by);
                moves::save(tx, id, draft.version(), contents, &by, saving, now).await
            })
        })
        .await
        .expect("saved");
}

async fn numbers(site: &TestSite, id: Uuid) -> Vec<i64> {
    let kept = of_draft(site.db.reader(), id, 1_000).await.expect("reads");
    kept.into_iter().map(|version| version.number).collect()
}

async fn thinned(site: &TestSite) -> u64 {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { thin(tx, now).await }))
        .await
        .expect("thinned")
}

#[tokio::test]
async fn typing_is_one_version_until_somebody_pauses_deletes_or_decides() {
    let site = testing::site().await;
    let who = Uuid::now_v7();
    let draft = begin(&site, who).await;
    let long = "Sáng nay bà con trong xã ra đồng từ sớm để hái cà phê.".repeat(20);
    save(&site, draft.id, &long, who, Saving::ByItself).await;
    save(
        &site,
        draft.id,
        &format!("{long} Thêm."),
        who,
        Saving::ByItself,
    )
    .await;
    assert_eq!(numbers(&site, draft.id).await, [2, 1]);
    // Everything was deleted by mistake: what was there is found again.
    save(&site, draft.id, "x", who, Saving::ByItself).await;
    assert_eq!(numbers(&site, draft.id).await, [3, 2, 1]);
    site.clock.advance(Duration::from_secs(600));
    save(&site, draft.id, "xy", who, Saving::ByItself).await;
    save(&site, draft.id, "xyz", Uuid::now_v7(), Saving::ByItself).await;
    save(&site, draft.id, "xyz", who, Saving::ByHand).await;
    save(&site, draft.id, "xyz", who, Saving::ByHand).await;
    assert_eq!(numbers(&site, draft.id).await, [5, 4, 3, 2, 1]);
    let kept = find(site.db.reader(), draft.id, 5).await.expect("is there");
    assert!(!kept.autosaved, "somebody meant it");
}

#[tokio::test]
async fn what_was_saved_by_itself_is_forgotten_and_what_was_meant_is_not() {
    let site = testing::site().await;
    let who = Uuid::now_v7();
    let draft = begin(&site, who).await;
    for turn in 0..4 {
        site.clock.advance(Duration::from_secs(600));
        save(
            &site,
            draft.id,
            &format!("Tự lưu {turn}"),
            who,
            Saving::ByItself,
        )
        .await;
    }
    save(&site, draft.id, "Có bấm lưu", who, Saving::ByHand).await;
    site.clock.advance(Duration::from_secs(600));
    save(&site, draft.id, "Tự lưu cuối", who, Saving::ByItself).await;
    assert_eq!(thinned(&site).await, 0, "all of it is of today");
    site.clock.advance(Duration::from_secs(8 * 24 * 3600));
    assert_eq!(thinned(&site).await, 4);
    assert_eq!(
        numbers(&site, draft.id).await,
        [7, 6, 1],
        "the last one stays as well"
    );
}
