use super::*;
use crate::log::{EventKind, NewEvent, append, event};
use crate::testing::pair::{self, Pair, peer_of, push};
use crate::testing::{self, TestSite, press};
use sea_orm::QueryOrder;

/// A hub and a member that have told each other `each` articles.
async fn acquainted(each: usize) -> Pair {
    let pair = pair::pair().await;
    for number in 1..=each {
        press::article(&format!("Tin của xã {number}"))
            .publish(&pair.member)
            .await;
        press::article(&format!("Tin của tỉnh {number}"))
            .publish(&pair.hub)
            .await;
    }
    push(&pair.member, &pair.hub).await;
    push(&pair.hub, &pair.member).await;
    pair
}

async fn compared(pair: &Pair) -> Compared {
    let hub = peer_of(&pair.member, &pair.hub).await;
    let compared = with_peer(&pair.member, &hub).await.expect("compares");
    compared.expect("the hub answers")
}

/// Takes the `nth` event that `speaker` said out of the database of `site`, behind the application.
async fn drop_event(site: &Arc<Site>, speaker: &Site, nth: u64) -> event::Model {
    use sea_orm::{PaginatorTrait, QuerySelect};
    let said = event::Entity::find().filter(event::Column::SiteId.eq(speaker.id));
    assert!(said.clone().count(site.db.reader()).await.expect("counts") > nth);
    let dropped = said
        .order_by_asc(event::Column::Seq)
        .offset(nth)
        .limit(1)
        .one(site.db.reader())
        .await
        .expect("reads")
        .expect("is there");
    let id = dropped.id;
    site.db
        .write(move |tx| {
            Box::pin(async move {
                event::Entity::delete_by_id(id).exec(tx).await?;
                Ok(())
            })
        })
        .await
        .expect("dropped");
    dropped
}

async fn holds(site: &Site, event: &event::Model) -> bool {
    let found = ledger::event_at(site.db.reader(), event.log_id, event.seq).await;
    found
        .expect("reads")
        .is_some_and(|found| found.hash == event.hash && found.is_sound())
}

async fn noted(site: &Site, with: &Site) -> record::Model {
    let found = record::find(site.db.reader(), with.id).await;
    found.expect("reads").expect("compared before")
}

#[tokio::test]
async fn two_that_hold_the_same_agree_in_one_question() {
    let pair = acquainted(3).await;
    let compared = compared(&pair).await;
    assert!(compared.outcome.agreed);
    assert_eq!(compared.outcome.rounds, 1);
    assert!(noted(&pair.hub, &pair.member).await.agreed_at.is_some());
    assert_eq!(noted(&pair.member, &pair.hub).await.missed(), 0);
}

#[tokio::test]
async fn what_waits_in_the_stream_is_not_missed() {
    let pair = acquainted(2).await;
    press::article("Chưa gửi").publish(&pair.member).await;
    press::article("Chưa nhận").publish(&pair.hub).await;
    let compared = compared(&pair).await;
    assert!(compared.outcome.agreed, "{compared:?}");
    assert_eq!(push(&pair.member, &pair.hub).await, 1);
    assert_eq!(push(&pair.hub, &pair.member).await, 1);
}

#[tokio::test]
async fn an_event_dropped_behind_the_member_comes_back_and_is_counted() {
    let pair = acquainted(5).await;
    let dropped = drop_event(&pair.member, &pair.hub, 2).await;
    assert!(!holds(&pair.member, &dropped).await);

    let first = compared(&pair).await;
    assert_eq!((first.outcome.missed_in, first.outcome.missed_out), (1, 0));
    assert!(holds(&pair.member, &dropped).await);
    // The hub counts it as well, from its own side.
    assert_eq!(noted(&pair.hub, &pair.member).await.missed_out, 1);
    assert_eq!(noted(&pair.member, &pair.hub).await.missed_in, 1);

    let entry = dropped.entry_id.expect("about an entry");
    let entry = crate::entries::record::find(pair.member.db.reader(), entry).await;
    let entry = entry.expect("reads").expect("still shown");
    let event = event::Entity::find_by_id(entry.event_id)
        .one(pair.member.db.reader())
        .await;
    assert!(event.expect("reads").is_some(), "the entry found its event");

    assert!(compared(&pair).await.outcome.agreed);
}

#[tokio::test]
async fn an_event_dropped_behind_the_hub_is_offered_again() {
    let pair = acquainted(5).await;
    let dropped = drop_event(&pair.hub, &pair.member, 0).await;
    let first = compared(&pair).await;
    assert_eq!((first.outcome.missed_in, first.outcome.missed_out), (0, 1));
    // On its way by the ordinary push, it is not missed once more.
    assert_eq!(compared(&pair).await.outcome.missed_out, 0);
    assert_eq!(push(&pair.member, &pair.hub).await, 1);
    assert!(holds(&pair.hub, &dropped).await);
    assert_eq!(noted(&pair.hub, &pair.member).await.missed_in, 1);
    assert!(compared(&pair).await.outcome.agreed);
}

#[tokio::test]
async fn a_member_gets_its_own_lost_event_back_and_its_log_goes_on() {
    let pair = acquainted(5).await;
    let dropped = drop_event(&pair.member, &pair.member, 4).await;
    let logs = ledger::logs_of(pair.member.db.reader(), pair.member.id).await;
    compared(&pair).await;
    assert!(holds(&pair.member, &dropped).await);
    let after = ledger::logs_of(pair.member.db.reader(), pair.member.id).await;
    assert_eq!(logs.expect("reads"), after.expect("reads"), "the same log");
    push(&pair.member, &pair.hub).await;
    assert!(compared(&pair).await.outcome.agreed);
}

#[tokio::test]
async fn what_the_hub_refused_is_not_offered_again_and_again() {
    let pair = acquainted(1).await;
    // The hub does not know this entry as the member's: it was born elsewhere.
    let stranger = testing::site().await;
    pair::know(&pair.hub, &stranger, Some(peer::Role::Member)).await;
    pair::know(&stranger, &pair.hub, Some(peer::Role::Upstream)).await;
    let entry = press::article("Tin của xã khác").publish(&stranger).await;
    push(&stranger, &pair.hub).await;
    let claim = NewEvent {
        kind: EventKind::EntryWithdrawn,
        lane: EventKind::EntryWithdrawn.lane(),
        unit: pair.member.unit_id,
        entry: Some(entry),
        rev: 9,
        content: None,
        to: None,
    };
    let site = Arc::clone(&pair.member);
    let signing = Arc::clone(&site);
    site.db
        .write(move |tx| Box::pin(async move { append(tx, &signing, claim).await }))
        .await
        .expect("appended");
    assert_eq!(push(&pair.member, &pair.hub).await, 0, "refused");
    // What the stranger said is for the member as well.
    pair::know(&pair.member, &stranger, None).await;
    push(&pair.hub, &pair.member).await;

    let first = compared(&pair).await;
    assert_eq!(first.outcome.missed_out, 0);
    let second = compared(&pair).await;
    assert!(
        second.outcome.agreed && second.outcome.rounds == 1,
        "{second:?}"
    );
}

#[tokio::test]
async fn what_is_no_longer_for_a_member_is_settled_once() {
    let pair = acquainted(3).await;
    let site = Arc::clone(&pair.hub);
    // The hub's routes have changed: one entry is for nobody now.
    site.db
        .write(|tx| {
            Box::pin(async move {
                outgoing::Entity::delete_by_id(1).exec(tx).await?;
                Ok(())
            })
        })
        .await
        .expect("changed");
    let first = compared(&pair).await;
    assert!(!first.outcome.agreed);
    assert_eq!(first.outcome.missed_in + first.outcome.missed_out, 0);
    let second = compared(&pair).await;
    assert!(
        second.outcome.agreed && second.outcome.rounds == 1,
        "{second:?}"
    );
}

#[tokio::test]
async fn a_hub_that_forgot_gets_others_words_and_letters_back() {
    let pair = acquainted(3).await;
    let far = testing::site().await;
    pair::know(&pair.hub, &far, Some(peer::Role::Member)).await;
    pair::know(&far, &pair.hub, Some(peer::Role::Upstream)).await;
    pair::know(&pair.member, &far, None).await;
    press::article("Tin của xã xa").publish(&far).await;
    push(&far, &pair.hub).await;
    push(&pair.hub, &pair.member).await;
    let forgotten = drop_event(&pair.hub, &far, 0).await;
    forget_entry(&pair.hub, forgotten.entry_id.expect("an entry")).await;

    compared(&pair).await;
    assert!(holds(&pair.hub, &forgotten).await);
    push(&pair.hub, &pair.member).await;
    assert!(compared(&pair).await.outcome.agreed);
}

async fn forget_entry(site: &Arc<Site>, entry: Uuid) {
    site.db
        .write(move |tx| {
            Box::pin(async move {
                crate::entries::record::Entity::delete_many()
                    .filter(crate::entries::record::Column::EntryId.eq(entry))
                    .exec(tx)
                    .await?;
                Ok(())
            })
        })
        .await
        .expect("forgotten");
}

#[tokio::test]
async fn a_hub_restored_from_an_older_copy_gets_its_own_words_back_and_goes_on_in_a_new_log() {
    let pair = acquainted(2).await;
    let copy = pair.hub.db.reader();
    let log = ledger::logs_of(copy, pair.hub.id).await.expect("reads")[0].clone();
    // After the copy the hub said two things more, and the member heard them.
    press::article("Sau bản sao 1").publish(&pair.hub).await;
    press::article("Sau bản sao 2").publish(&pair.hub).await;
    push(&pair.hub, &pair.member).await;
    let lost: Vec<event::Model> = event::Entity::find()
        .filter(event::Column::LogId.eq(log.id))
        .filter(event::Column::Seq.gt(log.head_seq))
        .all(pair.hub.db.reader())
        .await
        .expect("reads");
    assert_eq!(lost.len(), 2);
    restore(&pair.hub, &log, &lost).await;
    // Before it finds out, somebody publishes: in a place that is taken elsewhere.
    let meanwhile = press::article("Trong lúc chưa biết")
        .publish(&pair.hub)
        .await;

    compared(&pair).await;
    for event in &lost {
        assert!(holds(&pair.hub, event).await, "{event:?}");
    }
    let logs = ledger::logs_of(pair.hub.db.reader(), pair.hub.id).await;
    let logs = logs.expect("reads");
    assert_eq!(logs.len(), 2, "a new log");
    push(&pair.hub, &pair.member).await;
    let there = crate::entries::record::find(pair.member.db.reader(), meanwhile).await;
    assert!(
        there.expect("reads").is_some(),
        "what was said meanwhile was said again"
    );
    assert!(compared(&pair).await.outcome.agreed);
}

/// Puts the hub's log back to where `log` was.
async fn restore(hub: &TestSite, log: &ledger::Model, lost: &[event::Model]) {
    let (log, lost) = (log.clone(), lost.to_vec());
    hub.db
        .write(move |tx| {
            Box::pin(async move {
                for event in lost {
                    outgoing::Entity::delete_many()
                        .filter(outgoing::Column::EventId.eq(event.id))
                        .exec(tx)
                        .await?;
                    crate::entries::record::Entity::delete_many()
                        .filter(crate::entries::record::Column::EventId.eq(event.id))
                        .exec(tx)
                        .await?;
                    event::Entity::delete_by_id(event.id).exec(tx).await?;
                }
                use sea_orm::IntoActiveModel;
                log.into_active_model().reset_all().update(tx).await?;
                Ok(())
            })
        })
        .await
        .expect("restored");
}

/// Prints what it costs, by default for 2,000 events. The figures in docs/reliability.md:
/// `LIEN_CONG_THOUSANDS=20 cargo test -p shared --release -- --nocapture what_comparing_thousands`
#[tokio::test]
async fn what_comparing_thousands_of_events_costs() {
    let thousands: usize = std::env::var("LIEN_CONG_THOUSANDS")
        .map_or(2, |text| text.parse().expect("how many thousand events"));
    let pair = pair::pair().await;
    let site = Arc::clone(&pair.member);
    for _ in 0..thousands {
        let signing = Arc::clone(&site);
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    for _ in 0..1_000 {
                        let new = NewEvent {
                            kind: EventKind::EntryWithdrawn,
                            lane: EventKind::EntryWithdrawn.lane(),
                            unit: signing.unit_id,
                            entry: Some(Uuid::now_v7()),
                            rev: 1,
                            content: None,
                            to: None,
                        };
                        append(tx, &signing, new).await?;
                    }
                    Ok(())
                })
            })
            .await
            .expect("appended");
    }
    let events = thousands * 1_000;
    assert_eq!(push(&pair.member, &pair.hub).await, events);
    let tell = async |what: &str| {
        let began = std::time::Instant::now();
        let compared = compared(&pair).await;
        println!(
            "{events} events, {what}: {} questions, {} bytes, {:?}",
            compared.outcome.rounds,
            compared.bytes,
            began.elapsed()
        );
        compared
    };
    tell("first time, sums to make").await;
    tell("0 differences").await;
    for nth in [100, 900, u64::try_from(events).expect("small") - 500] {
        drop_event(&pair.hub, &pair.member, nth).await;
    }
    let three = tell("3 differences").await;
    assert_eq!(three.outcome.missed_out, 3);
}
