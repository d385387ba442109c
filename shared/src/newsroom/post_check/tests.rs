use super::*;
use crate::log::{EventKind, content, event};
use crate::newsroom::draft::Contents;
use crate::newsroom::form::DraftForm;
use crate::newsroom::moves::{self, Person};
use crate::newsroom::publish;
use crate::testing::{self, TestSite};
use std::sync::Arc;
use std::time::Duration;

/// Something its author approved, being alone.
async fn alone(site: &TestSite) -> Uuid {
    let form = DraftForm {
        kind: "article".to_owned(),
        title: "Vào mùa cà phê".to_owned(),
        body: "Năm nay được mùa.".to_owned(),
        section: "tin-tuc".to_owned(),
        ..DraftForm::default()
    };
    let contents = Contents::of(&form).expect("in order");
    let ours = Arc::clone(site);
    let who = Uuid::now_v7();
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let draft = moves::begin(tx, contents, who, now).await?;
                let entry = draft.entry_id;
                publish::put_out(tx, &ours, draft, &Person::approver(who), None).await?;
                Ok::<_, Error>(entry)
            })
        })
        .await
        .expect("published")
}

async fn check(site: &TestSite, entry: Uuid) -> Model {
    let found = of_entries(site.db.reader(), &[entry]).await.expect("reads");
    found.into_iter().next().expect("is there")
}

async fn decided(site: &TestSite, entry: Uuid, passed: bool, reason: &str) -> Result<()> {
    let ours = Arc::clone(site);
    let decision = Decision {
        rev: 1,
        passed,
        reason: reason.to_owned(),
        by: Uuid::now_v7(),
    };
    site.db
        .write(move |tx| Box::pin(async move { decide(tx, &ours, entry, decision).await }))
        .await
}

#[tokio::test]
async fn what_its_author_approved_is_looked_at_and_its_unit_is_told() {
    let (unit, province) = (testing::site().await, testing::site().await);
    let entry = alone(&unit).await;
    assert_eq!(check(&unit, entry).await.verdict(), Verdict::Waiting);

    testing::deliver(&unit, &province, entry).await;
    let now = province.clock.now().timestamp_millis();
    province
        .db
        .write(move |tx| {
            Box::pin(async move {
                let entry = record::find(tx, entry).await?.ok_or(Error::NotFound)?;
                ask(tx, &entry, 1, now).await
            })
        })
        .await
        .expect("asked");
    let waiting = check(&province, entry).await;
    assert!(!waiting.is_late(now) && waiting.is_late(now + DUE_MS + 1));
    province.clock.advance(Duration::from_secs(3600));
    match decided(&province, entry, false, " ").await {
        Err(Error::Invalid(wrong)) => assert_eq!(wrong[0].field, "reason"),
        other => panic!("{other:?}"),
    }
    let reason = "Ghi rõ nguồn số liệu";
    decided(&province, entry, false, reason)
        .await
        .expect("decides");
    let again = decided(&province, entry, true, "").await;
    assert!(
        matches!(again, Err(Error::Conflict(_))),
        "it is decided once"
    );

    // The letter, as it travels.
    let letter = event::Entity::find()
        .filter(event::Column::Kind.eq(EventKind::LetterReview.as_str()))
        .one(province.db.reader())
        .await
        .expect("reads")
        .expect("a letter");
    let to = letter.signed_header().expect("a header").header.to;
    assert_eq!(to, Some(unit.unit_id));
    let bytes = content::read(province.db.reader(), &letter.content_hash.expect("content")).await;
    let value = serde_json::from_slice(&bytes.expect("reads").expect("is there")).expect("JSON");
    let told = Review::from_content(&value).expect("a review");
    let (from, at) = (province.id, letter.time);
    unit.db
        .write(move |tx| Box::pin(async move { told.store(tx, from, at).await }))
        .await
        .expect("heard");
    let known = check(&unit, entry).await;
    assert_eq!(known.verdict(), Verdict::Failed);
    assert_eq!(known.reason.as_deref(), Some(reason));
}

#[tokio::test]
async fn an_answer_about_an_earlier_revision_settles_nothing() {
    let site = testing::site().await;
    let entry = alone(&site).await;
    site.db
        .write(move |tx| {
            Box::pin(async move { hear(tx, entry, 0, Verdict::Passed, None, 9).await })
        })
        .await
        .expect("heard");
    assert_eq!(check(&site, entry).await.verdict(), Verdict::Waiting);
}
