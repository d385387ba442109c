use super::watch::Word;
use super::*;
use crate::entries::record;
use crate::log::event;
use crate::newsroom::draft::Contents;
use crate::newsroom::form::DraftForm;
use crate::newsroom::history;
use crate::testing::{self, TestSite};
use chrono::TimeDelta;
use sea_orm::PaginatorTrait;

const MINUTE: u64 = 60;

/// An approved article that is to appear in an hour.
async fn scheduled(site: &TestSite) -> draft::Model {
    let form = DraftForm {
        kind: "article".to_owned(),
        title: "Lịch cắt điện".to_owned(),
        body: "Ngày mai cắt điện.".to_owned(),
        section: "tin-tuc".to_owned(),
        ..DraftForm::default()
    };
    let contents = Contents::of(&form).expect("in order");
    let (writer, approver) = (Uuid::now_v7(), Person::approver(Uuid::now_v7()));
    let ours = Arc::clone(site);
    let at = (site.clock.now() + TimeDelta::hours(1)).timestamp_millis();
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let draft = moves::begin(tx, contents, writer, now).await?;
                let by = Person::writer(writer);
                let draft = moves::go(tx, draft, Act::Submit, &by, None, now).await?;
                let draft = publish::approve(tx, &ours, draft, &approver, None).await?;
                moves::schedule(tx, draft, at, &approver, now).await
            })
        })
        .await
        .expect("scheduled")
}

async fn look(site: &TestSite, steady: u64, word: Word) -> usize {
    round_asking(site, Duration::from_secs(steady), async || Ok(word))
        .await
        .expect("a round")
}

async fn state(site: &TestSite, id: Uuid) -> State {
    let found = draft::find(site.db.reader(), id).await.expect("reads");
    found.expect("is there").state()
}

async fn events(site: &TestSite) -> u64 {
    let all = event::Entity::find().count(site.db.reader()).await;
    all.expect("counts")
}

#[tokio::test]
async fn what_is_scheduled_appears_on_time_and_once() {
    let site = testing::site().await;
    let draft = scheduled(&site).await;
    assert_eq!(look(&site, 0, Word::Silent).await, 0);
    for minute in 1..60 {
        site.clock.advance(Duration::from_secs(MINUTE));
        assert_eq!(look(&site, minute * MINUTE, Word::Silent).await, 0);
    }
    assert_eq!(state(&site, draft.id).await, State::Scheduled);
    site.clock.advance(Duration::from_secs(MINUTE));
    assert_eq!(look(&site, 60 * MINUTE, Word::Silent).await, 1);
    let entry = record::find(site.db.reader(), draft.entry_id).await;
    assert!(entry.expect("reads").expect("is there").is_live());
    let steps = history::of_draft(site.db.reader(), draft.id, 1).await;
    assert_eq!(steps.expect("reads")[0].account_id, None, "the site itself");

    // Again and again, and with the clock set back before its time.
    for back in [0, 2, 30] {
        let now = site.clock.now();
        site.clock.set(now - TimeDelta::hours(back));
        assert_eq!(look(&site, 61 * MINUTE, Word::Silent).await, 0);
    }
    assert_eq!(events(&site).await, 1);
}

#[tokio::test]
async fn after_a_time_off_it_appears_at_the_start() {
    let site = testing::site().await;
    let draft = scheduled(&site).await;
    site.clock.advance(Duration::from_secs(3 * 3600));
    assert_eq!(look(&site, 0, Word::Silent).await, 1);
    assert_eq!(state(&site, draft.id).await, State::Published);
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_does_not_publish_before_somebody_confirms_it() {
    let site = testing::site().await;
    let draft = scheduled(&site).await;
    look(&site, 0, Word::Silent).await;
    let now = site.clock.now();
    site.clock.set(now + TimeDelta::days(1));
    assert_eq!(look(&site, 1, Word::Silent).await, 0);
    assert!(site.timetable.is_in_doubt());
    // A restart does not make it true.
    let doubt = settings::get::<Option<i64>, _>(site.db.reader(), DOUBT).await;
    assert!(doubt.expect("reads").flatten().is_some());
    assert_eq!(look(&site, 2, Word::Differs).await, 0);
    assert_eq!(state(&site, draft.id).await, State::Scheduled);
    confirm_clock(&site).await.expect("confirmed");
    assert_eq!(look(&site, 3, Word::Silent).await, 1);
    assert_eq!(events(&site).await, 1);
}

#[tokio::test]
async fn the_clock_of_the_hub_settles_it_and_a_clock_put_right_fires_nothing_early() {
    let site = testing::site().await;
    let draft = scheduled(&site).await;
    look(&site, 0, Word::Silent).await;
    let now = site.clock.now();
    site.clock.set(now + TimeDelta::days(1));
    assert_eq!(look(&site, 1, Word::Silent).await, 0);
    site.clock.set(now + TimeDelta::seconds(2));
    assert_eq!(look(&site, 2, Word::Silent).await, 0);
    assert!(!site.timetable.is_in_doubt(), "it was put right");
    assert_eq!(state(&site, draft.id).await, State::Scheduled);
    site.clock.set(now + TimeDelta::days(1));
    assert_eq!(
        look(&site, 3, Word::Agrees).await,
        1,
        "the hub shows the same"
    );
}

#[tokio::test]
async fn what_can_no_longer_be_published_goes_back_with_the_reason() {
    let site = testing::site().await;
    let draft = scheduled(&site).await;
    // Somebody changed the row past the newsroom.
    let id = draft.id;
    site.db
        .write(move |tx| {
            Box::pin(async move {
                draft::Entity::update_many()
                    .col_expr(draft::Column::Title, Expr::value("Tiêu đề khác"))
                    .filter(draft::Column::Id.eq(id))
                    .exec(tx)
                    .await?;
                Ok::<_, Error>(())
            })
        })
        .await
        .expect("changed");
    site.clock.advance(Duration::from_secs(3600));
    assert_eq!(look(&site, 0, Word::Silent).await, 0);
    let draft = draft::find(site.db.reader(), id).await.expect("reads");
    let draft = draft.expect("is there");
    assert_eq!(draft.state(), State::Returned);
    assert!(
        draft
            .note
            .expect("a note")
            .contains("khác với bản đã duyệt")
    );
    assert_eq!(events(&site).await, 0);
}
