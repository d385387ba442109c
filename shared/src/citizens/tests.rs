//! Cases that travel between a hub and a member.

use super::case::{self, Filter, Holder, Said, Words};
use super::code::OfficeCode;
use super::letter::Head;
use super::thread::Act;
use super::{Kind, Rating, Receipt, State};
use crate::directory::cover::{Cut, Through};
use crate::directory::{key_record, revocation};
use crate::log::{content, event};
use crate::site::Site;
use crate::testing::pair::{self, Pair, push};
use crate::testing::{self, citizen};
use sea_orm::EntityTrait;
use std::sync::Arc;
use uuid::Uuid;

async fn say(site: &Arc<Site>, id: Uuid, act: Act, words: &str) {
    let said = Said {
        act,
        words: Words::Plain(words.to_owned()),
        to: None,
        rating: None,
        by: None,
    };
    let inner = Arc::clone(site);
    let said = site
        .db
        .write(move |tx| Box::pin(async move { case::say(tx, &inner, id, said).await }));
    said.await.expect("is said");
}

async fn rate(site: &Arc<Site>, id: Uuid, rating: Rating) {
    let said = Said {
        act: Act::Rated,
        words: Words::Plain(String::new()),
        to: None,
        rating: Some(rating),
        by: None,
    };
    let inner = Arc::clone(site);
    let said = site
        .db
        .write(move |tx| Box::pin(async move { case::say(tx, &inner, id, said).await }));
    said.await.expect("is said");
}

async fn state(site: &Site, id: Uuid) -> State {
    let case = case::find(site.db.reader(), id).await.expect("reads");
    case.expect("is known").state()
}

fn words(thread: &[super::Message]) -> Vec<&str> {
    thread
        .iter()
        .map(|message| message.words.as_str())
        .collect()
}

#[tokio::test]
async fn what_is_asked_at_a_member_is_answered_by_the_province_and_read_where_it_was_asked() {
    let Pair { hub, member, .. } = &pair::pair().await;
    let asked = citizen::report(member, hub.unit_id, "Cột điện nghiêng bên đường.").await;
    push(member, hub).await;
    let heard = citizen::thread(hub, asked.id).await;
    assert_eq!(heard, citizen::thread(member, asked.id).await);
    assert_eq!(heard[0].pictures.len(), 1, "pictures go with it");

    say(hub, asked.id, Act::AskedBack, "Cột số mấy?").await;
    push(hub, member).await;
    assert_eq!(state(member, asked.id).await, State::NeedsMore);
    say(member, asked.id, Act::Added, "Cột số 12.").await;
    push(member, hub).await;
    say(hub, asked.id, Act::Answered, "Đã dựng lại cột.").await;
    push(hub, member).await;
    // Sent twice, it is said once.
    push(hub, member).await;

    let found = case::of_receipt(member.db.reader(), &asked.receipt).await;
    let found = found.expect("reads").expect("is found by its receipt");
    assert_eq!(found.state(), State::Answered);
    let thread = citizen::thread(member, asked.id).await;
    assert_eq!(
        words(&thread)[1..],
        ["Cột số mấy?", "Cột số 12.", "Đã dựng lại cột."]
    );
    // What who asked says of the answer goes back, and the last word counts.
    rate(member, asked.id, Rating::Dissatisfied).await;
    push(member, hub).await;
    rate(member, asked.id, Rating::Satisfied).await;
    push(member, hub).await;
    let at_office = case::find(hub.db.reader(), asked.id).await.expect("reads");
    let at_office = at_office.expect("is known");
    assert_eq!(at_office.satisfaction(), Some(Rating::Satisfied));
    assert_eq!(at_office.state(), State::Answered);
    let filter = Filter {
        kinds: &[Kind::Feedback],
        states: vec![State::Answered],
        holder: Holder::Is(hub.unit_id),
        entry: None,
    };
    let counted = case::closed_between(hub.db.reader(), &filter, 0, i64::MAX).await;
    assert_eq!(counted.expect("counts"), [(Some(Rating::Satisfied), 1)]);
    let at_hub = case::of_receipt(hub.db.reader(), &asked.receipt).await;
    assert_eq!(
        at_hub.expect("reads"),
        None,
        "receipts stay where they were given"
    );
}

#[tokio::test]
async fn what_is_asked_of_a_unit_at_its_own_site_is_told_to_nobody() {
    let Pair { hub, member, .. } = &pair::pair().await;
    let asked = citizen::report(member, member.unit_id, "Loa thôn 3 hỏng.").await;
    say(member, asked.id, Act::Answered, "Đã sửa.").await;
    push(member, hub).await;
    let known = case::find(hub.db.reader(), asked.id).await.expect("reads");
    assert_eq!(known, None);
    let filter = Filter {
        kinds: &[Kind::Feedback],
        states: vec![State::Answered],
        holder: Holder::Is(member.unit_id),
        entry: None,
    };
    let count = case::count(member.db.reader(), &filter).await;
    assert_eq!(count.expect("reads"), 1);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_asks_once() {
    let site = &testing::site().await;
    let asked = citizen::report(site, site.unit_id, "Nước sinh hoạt đục.").await;
    let kept = case::find(site.db.reader(), asked.id).await.expect("reads");
    let head: Head = kept.expect("is kept").head().expect("a head");
    let again = case::Asked {
        id: asked.id,
        head,
        to: site.unit_id,
        words: Words::Plain("Nước sinh hoạt đục.".to_owned()),
        pictures: Vec::new(),
    };
    let (inner, receipt) = (Arc::clone(site), Receipt::generate().expect("randomness"));
    let opened = site
        .db
        .write(move |tx| Box::pin(async move { case::open(tx, &inner, again, &receipt).await }));
    assert!(!opened.await.expect("is looked at"));
    assert_eq!(citizen::thread(site, asked.id).await.len(), 1);
}

#[tokio::test]
async fn what_a_stolen_key_said_about_a_case_counts_no_more() {
    let Pair { hub, member, .. } = &pair::pair().await;
    let asked = citizen::report(member, hub.unit_id, "Biển báo bị che.").await;
    push(member, hub).await;
    let letter = event::Entity::find().all(hub.db.reader()).await;
    let letter = letter
        .expect("reads")
        .into_iter()
        .rfind(|event| event.site_id == member.id && event.entry_id == Some(asked.id));
    let letter = letter.expect("came by letter");
    say(hub, asked.id, Act::Answered, "Đã phát quang.").await;
    say(member, asked.id, Act::Added, "Lời của kẻ lấy trộm khóa.").await;
    push(member, hub).await;
    assert_eq!(state(hub, asked.id).await, State::InHand);
    let key = letter.key_id.clone();
    let cut = Cut {
        since: 0,
        judged_at: 1,
        logs: vec![Through {
            log: letter.log_id,
            seq: letter.seq,
        }],
        released: Vec::new(),
    };
    hub.db
        .write(move |tx| {
            Box::pin(async move {
                key_record::revoke(tx, &key, &cut, 2).await?;
                revocation::take_effect(tx, &key, 2).await.map(|_| ())
            })
        })
        .await
        .expect("takes effect");
    assert_eq!(state(hub, asked.id).await, State::Answered);
    assert_eq!(citizen::thread(hub, asked.id).await.len(), 2);
}

#[tokio::test]
async fn what_was_closed_long_ago_is_forgotten_with_the_letters_about_it() {
    let Pair { hub, member, .. } = &pair::pair().await;
    let asked = citizen::report(member, hub.unit_id, "Đường đất lầy.").await;
    push(member, hub).await;
    let still_open = citizen::report(member, hub.unit_id, "Chưa ai trả lời.").await;
    push(member, hub).await;
    say(hub, asked.id, Act::Answered, "Đã rải đá.").await;
    let now = hub.clock.now().timestamp_millis();
    let forgotten = hub
        .db
        .write(move |tx| Box::pin(async move { case::forget(tx, now + 1, 10, now).await }));
    assert_eq!(forgotten.await.expect("forgets"), 1);
    let db = hub.db.reader();
    assert_eq!(case::find(db, asked.id).await.expect("reads"), None);
    assert!(citizen::thread(hub, asked.id).await.is_empty());
    assert!(
        case::find(db, still_open.id)
            .await
            .expect("reads")
            .is_some()
    );
    for letter in event::Entity::find().all(db).await.expect("reads") {
        let Some(hash) = letter
            .content_hash
            .filter(|_| letter.entry_id == Some(asked.id))
        else {
            continue;
        };
        assert_eq!(content::read(db, &hash).await.expect("reads"), None);
    }
}

#[tokio::test]
async fn a_tip_is_read_by_its_office_and_answered_to_its_receipt_alone() {
    let Pair { hub, member, .. } = &pair::pair().await;
    let office = OfficeCode::generate().expect("randomness");
    let receipt = Receipt::generate().expect("randomness");
    let (id, first) = (Uuid::now_v7(), Uuid::now_v7());
    let told = "Kế toán lập chứng từ khống.";
    let sealed = office.keys().public().seal(id, first, told).expect("seals");
    let asked = case::Asked {
        id,
        head: Head {
            kind: Kind::Tip,
            origin: member.unit_id,
            entry: None,
            subject: String::new(),
            place: None,
            asker: None,
            contact: None,
            may_publish: false,
            office: Some(hub.unit_id),
            reply_key: Some(receipt.keys().public()),
        },
        to: hub.unit_id,
        words: Words::Sealed(first, sealed),
        pictures: Vec::new(),
    };
    let (inner, given) = (Arc::clone(member), receipt.clone());
    let opened = member
        .db
        .write(move |tx| Box::pin(async move { case::open(tx, &inner, asked, &given).await }));
    assert!(opened.await.expect("is kept"));
    push(member, hub).await;

    let heard = citizen::thread(hub, id).await;
    assert_eq!(heard[0].words, "");
    assert_eq!(heard[0].opened(id, &office.keys()).as_deref(), Some(told));
    assert_eq!(heard[0].opened(id, &receipt.keys()), None);

    let case = case::find(hub.db.reader(), id).await.expect("reads");
    let key = case.expect("is known").reply_key().expect("a key");
    let message = Uuid::now_v7();
    let sealed = key
        .seal(id, message, "Xin cho biết năm nào.")
        .expect("seals");
    let said = Said {
        act: Act::AskedBack,
        words: Words::Sealed(message, sealed),
        to: None,
        rating: None,
        by: None,
    };
    let inner = Arc::clone(hub);
    let said = hub
        .db
        .write(move |tx| Box::pin(async move { case::say(tx, &inner, id, said).await }));
    said.await.expect("is said");
    push(hub, member).await;
    let thread = citizen::thread(member, id).await;
    let read = thread[1].opened(id, &receipt.keys());
    assert_eq!(read.as_deref(), Some("Xin cho biết năm nào."));
}
