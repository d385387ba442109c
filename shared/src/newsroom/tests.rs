use super::answered::{self, Answered};
use super::draft::{self, Contents};
use super::form::DraftForm;
use super::inbox::{self, Decision, Taking};
use super::moves::{self, Person, Saving};
use super::workflow::State;
use super::{publish, sent, upload};
use crate::accounts::Role;
use crate::entries::{Item, Placing, placement, record, search};
use crate::error::{Error, Result};
use crate::log::event;
use crate::sync::cursor::{self, Direction};
use crate::sync::outgoing;
use crate::sync::peer;
use crate::sync::review::{Review, ReviewDecision};
use crate::testing::{self, TestSite};
use sea_orm::{EntityTrait, QueryOrder};
use std::time::Duration;
use uuid::Uuid;

fn article() -> DraftForm {
    DraftForm {
        kind: "article".to_owned(),
        title: "Vào mùa cà phê".to_owned(),
        lead: "Bà con Kon Braih bắt đầu hái cà phê.".to_owned(),
        body: "Năm nay được mùa.\n\nGiá **cao** hơn năm ngoái.".to_owned(),
        section: "tin-tuc".to_owned(),
        author: "A Mẫu".to_owned(),
        ..DraftForm::default()
    }
}

fn contents(form: &DraftForm) -> Contents {
    Contents {
        input: form.validate().expect("in order"),
        picture: None,
        files: Vec::new(),
    }
}

async fn write(site: &TestSite, contents: Contents) -> draft::Model {
    let by = Uuid::now_v7();
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { moves::begin(tx, contents, by, now).await }))
        .await
        .expect("a draft")
}

async fn save(site: &TestSite, draft: &draft::Model, contents: Contents) -> Result<draft::Model> {
    let (id, version) = (draft.id, draft.version());
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let by = Person::approver(Uuid::now_v7());
                moves::save(tx, id, version, contents, &by, Saving::ByHand, now).await
            })
        })
        .await
}

async fn put_out(
    site: &TestSite,
    draft: &draft::Model,
    correction: Option<&str>,
) -> Result<event::Model> {
    let ours = std::sync::Arc::clone(site);
    let draft = draft.clone();
    let correction = correction.map(str::to_owned);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let by = Person::approver(Uuid::now_v7());
                publish::put_out(tx, &ours, draft, &by, correction).await
            })
        })
        .await
}

async fn take_back(site: &TestSite, entry_id: Uuid, reason: &str) -> Result<event::Model> {
    let ours = std::sync::Arc::clone(site);
    let reason = reason.to_owned();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let entry = record::find(tx, entry_id).await?.ok_or(Error::NotFound)?;
                let by = Person::approver(Uuid::now_v7());
                publish::withdraw(tx, &ours, &entry, &reason, &by).await
            })
        })
        .await
}

async fn decide(site: &TestSite, entry_id: Uuid, rev: i64, decision: Decision) -> Result<()> {
    let ours = std::sync::Arc::clone(site);
    let by = testing::sign_in(site, Role::Editor).await.account.id;
    site.db
        .write(move |tx| {
            Box::pin(async move { inbox::decide(tx, &ours, entry_id, rev, decision, by).await })
        })
        .await
}

async fn entry(site: &TestSite, id: Uuid) -> record::Model {
    let found = record::find(site.db.reader(), id).await;
    found.expect("reads").expect("is there")
}

async fn find(site: &TestSite, words: &str) -> u64 {
    let query = search::Query {
        words: words.to_owned(),
        limit: 10,
        ..search::Query::default()
    };
    search::find(site.db.reader(), &query)
        .await
        .expect("searches")
        .total
}

async fn events(site: &TestSite) -> Vec<event::Model> {
    let all = event::Entity::find().order_by_asc(event::Column::Id);
    all.all(site.db.reader()).await.expect("reads")
}

fn fields_of(outcome: Result<event::Model>) -> Vec<String> {
    match outcome {
        Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
        other => panic!("{other:?} is about no field"),
    }
}

#[tokio::test]
async fn a_published_draft_is_shown_found_signed_and_on_its_way() {
    let site = testing::site().await;
    let draft = write(&site, contents(&article())).await;
    let event = put_out(&site, &draft, None).await.expect("publishes");

    assert_eq!((event.kind.as_str(), event.rev), ("entry.published", 1));
    let header = event.signed_header().expect("a header");
    assert_eq!(header.header.key, site.key.id());
    let stream = outgoing::Entity::find().all(site.db.reader()).await;
    let stream = stream.expect("reads");
    assert_eq!(stream.len(), 1);
    assert_eq!(stream[0].event_id, event.id);

    let shown = entry(&site, draft.entry_id).await;
    assert!(shown.is_live());
    assert_eq!(shown.url, site.address(&shown.path()));
    let place = placement::find(site.db.reader(), draft.entry_id).await;
    assert_eq!(place.expect("reads").expect("placed").state, "shown");
    assert_eq!(find(&site, "mua ca phe").await, 1);

    let content = record::content_of(site.db.reader(), &shown).await;
    let content = content.expect("reads").expect("is there");
    let item = Item::read(&content, draft.entry_id).expect("an item");
    assert!(item.content_html.contains("<strong>cao</strong>"));
    assert_eq!(item.byline().as_deref(), Some("A Mẫu"));
    assert_eq!(item.date_published, testing::noon());

    let kept = draft::find(site.db.reader(), draft.id).await;
    let kept = kept.expect("reads").expect("is there");
    assert_eq!((kept.state(), kept.published_rev), (State::Published, 1));
}

#[tokio::test]
async fn a_revision_keeps_its_first_date_and_says_what_was_mended() {
    let site = testing::site().await;
    let draft = write(&site, contents(&article())).await;
    put_out(&site, &draft, None).await.expect("publishes");
    site.clock.advance(Duration::from_secs(3_600));
    let draft = draft::find(site.db.reader(), draft.id).await;
    let draft = draft.expect("reads").expect("is there");
    let mended = DraftForm {
        title: "Vào vụ cà phê".to_owned(),
        section: "van-ban".to_owned(),
        featured: "1".to_owned(),
        ..article()
    };
    let draft = save(&site, &draft, contents(&mended)).await.expect("saves");
    assert_eq!(
        draft.state(),
        State::Draft,
        "the public does not see it yet"
    );
    assert_eq!(find(&site, "vào vụ").await, 0);

    let event = put_out(&site, &draft, Some("Sửa lại tiêu đề"))
        .await
        .expect("revises");
    assert_eq!((event.kind.as_str(), event.rev), ("entry.revised", 2));
    let shown = entry(&site, draft.entry_id).await;
    let content = record::content_of(site.db.reader(), &shown).await;
    let content = content.expect("reads").expect("is there");
    let item = Item::read(&content, draft.entry_id).expect("an item");
    assert_eq!(item.date_published, testing::noon());
    assert_eq!(item.date_modified, Some(site.clock.now()));
    assert_eq!(item.fields.correction.as_deref(), Some("Sửa lại tiêu đề"));
    let place = placement::find(site.db.reader(), draft.entry_id).await;
    let place = place.expect("reads").expect("placed");
    assert_eq!((place.section.as_str(), place.featured), ("van-ban", true));
    assert_eq!(find(&site, "vào vụ").await, 1);
}

#[tokio::test]
async fn what_was_withdrawn_is_not_found_and_can_come_back() {
    let site = testing::site().await;
    let draft = write(&site, contents(&article())).await;
    put_out(&site, &draft, None).await.expect("publishes");

    let told = take_back(&site, draft.entry_id, " ").await;
    assert_eq!(
        fields_of(told),
        ["reason"],
        "nobody takes back without saying why"
    );
    let event = take_back(&site, draft.entry_id, "Sai số liệu")
        .await
        .expect("withdraws");
    assert_eq!(
        (event.kind.as_str(), event.lane.as_str()),
        ("entry.withdrawn", "urgent")
    );
    let gone = entry(&site, draft.entry_id).await;
    assert!(!gone.is_live());
    assert_eq!(gone.reason.as_deref(), Some("Sai số liệu"));
    assert_eq!(find(&site, "ca phe").await, 0);
    let again = take_back(&site, draft.entry_id, "Sai số liệu").await;
    assert!(matches!(again, Err(Error::Conflict(_))));

    let draft = draft::find(site.db.reader(), draft.id).await;
    let draft = draft.expect("reads").expect("is there");
    assert_eq!(draft.state(), State::Unpublished);
    let event = put_out(&site, &draft, None).await.expect("publishes");
    assert_eq!((event.kind.as_str(), event.rev), ("entry.revised", 3));
    assert!(entry(&site, draft.entry_id).await.is_live());
    assert_eq!(find(&site, "ca phe").await, 1);
}

#[tokio::test]
async fn what_is_not_ready_is_not_published_and_leaves_no_trace() {
    let site = testing::site().await;
    let document = DraftForm {
        kind: "document".to_owned(),
        body: String::new(),
        section: "da-bo".to_owned(),
        effective_on: "5/11/2026".to_owned(),
        ..article()
    };
    let notice = DraftForm {
        kind: "notice".to_owned(),
        expires: "22/11/2026".to_owned(),
        body: format!("![ảnh](/media/sha256/{})", "ab".repeat(32)),
        ..article()
    };
    let lacking_of_document = [
        "body",
        "document_number",
        "document_type",
        "issuer",
        "issued_on",
        "section",
    ];
    for (form, lacking) in [
        (document, &lacking_of_document[..]),
        (notice, &["expires", "body"][..]),
    ] {
        let draft = write(&site, contents(&form)).await;
        assert_eq!(fields_of(put_out(&site, &draft, None).await), lacking);
    }
    assert!(events(&site).await.is_empty());
}

#[tokio::test]
async fn a_document_is_published_with_its_picture_and_its_file() {
    let site = testing::site().await;
    let mut picture = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(40, 20)
        .write_to(&mut picture, image::ImageFormat::Png)
        .expect("a picture");
    let picture =
        upload::keep_picture(&site, "trang-dau.png", picture.into_inner().into(), None).await;
    let picture = picture.expect("keeps").digest;
    let file = upload::keep_file(
        &site,
        "184.pdf",
        &testing::pdf::saying("Quyet dinh 184"),
        None,
    )
    .await
    .expect("keeps");
    let form = DraftForm {
        kind: "document".to_owned(),
        body: String::new(),
        section: "van-ban".to_owned(),
        document_number: "184/QĐ-UBND".to_owned(),
        document_type: "Quyết định".to_owned(),
        issuer: "UBND xã Kon Braih".to_owned(),
        issued_on: "5/11/2026".to_owned(),
        picture_alt: "Trang đầu của quyết định".to_owned(),
        ..article()
    };
    let contents = Contents {
        picture: Some(picture),
        files: vec![file],
        ..contents(&form)
    };
    let draft = write(&site, contents).await;
    put_out(&site, &draft, None).await.expect("publishes");
    let shown = entry(&site, draft.entry_id).await;
    let content = record::content_of(site.db.reader(), &shown).await;
    let item = Item::read(&content.expect("reads").expect("is there"), draft.entry_id);
    let item = item.expect("an item");
    let kinds: Vec<_> = item
        .attachments
        .iter()
        .map(|attachment| (attachment.mime_type.as_str(), attachment.width))
        .collect();
    assert_eq!(kinds, [("image/jpeg", Some(40)), ("application/pdf", None)]);
    assert_eq!(item.attachments[1].title.as_deref(), Some("184.pdf"));
    assert_eq!(item.image, Some(item.attachments[0].url.clone()));
    assert_eq!(
        item.fields.document.expect("fields").issued_on.to_string(),
        "2026-11-05"
    );
    assert_eq!(find(&site, "184/qd-ubnd").await, 1);
}

#[tokio::test]
async fn an_answered_question_is_published_and_worked_on_again() {
    let site = testing::site().await;
    let answered = Answered {
        asked: "Nhà tôi khai hoang từ năm 1992.\n\nLàm sổ đỏ ở đâu?".to_owned(),
        asked_by: "Ông A.T., xã Kon Braih".to_owned(),
        answer: "Nộp tại xã.".to_owned(),
        answered_by: "Phòng Kinh tế".to_owned(),
        field: "dat-dai-moi-truong".to_owned(),
        section: "tin-tuc".to_owned(),
        ..Answered::default()
    };
    let draft = write(&site, answered::contents(&answered).expect("in order")).await;
    put_out(&site, &draft, None).await.expect("publishes");
    let shown = entry(&site, draft.entry_id).await;
    let content = record::content_of(site.db.reader(), &shown).await;
    let item = Item::read(&content.expect("reads").expect("is there"), draft.entry_id);
    let fields = item.expect("an item").fields;
    let question = fields.question.expect("a question");
    assert_eq!(question.asked, answered.asked);
    assert_eq!(question.field.as_deref(), Some("Đất đai - Môi trường"));
    assert!(question.field_code.is_some(), "the province's own");
    assert_eq!(find(&site, "khai hoang tu nam 1992").await, 1);
    assert_eq!(
        find(&site, "ong a t").await,
        0,
        "nobody is found by a question"
    );

    let form = draft.to_form();
    assert_eq!(form.asked, answered.asked);
    assert_eq!(form.answered_by, "Phòng Kinh tế");
    let nobody = DraftForm {
        answered_by: String::new(),
        ..form
    };
    let draft = write(&site, contents(&nobody)).await;
    let Err(Error::Invalid(lacking)) = put_out(&site, &draft, None).await else {
        panic!("nobody answers");
    };
    assert_eq!(lacking[0].field, "answered_by");
}

#[tokio::test]
async fn two_people_at_one_draft_do_not_overwrite_each_other() {
    let site = testing::site().await;
    let draft = write(&site, contents(&article())).await;
    let first = DraftForm {
        lead: "Bà con hái cà phê.".to_owned(),
        ..article()
    };
    save(&site, &draft, contents(&first))
        .await
        .expect("the first saves");
    let second = save(&site, &draft, contents(&article())).await;
    assert!(matches!(second, Err(Error::Conflict(_))));
}

#[tokio::test]
async fn drafts_are_listed_by_state_and_found_by_words_without_accents() {
    let site = testing::site().await;
    write(&site, contents(&article())).await;
    let other = DraftForm {
        title: "Đường Nguyễn Huệ".to_owned(),
        ..article()
    };
    let other = write(&site, contents(&other)).await;
    put_out(&site, &other, None).await.expect("publishes");
    let count = async |state: Option<State>, words: &str| {
        let filter = draft::Filter {
            states: state.into_iter().collect(),
            words: words.to_owned(),
            ..draft::Filter::default()
        };
        let (page, total) = draft::list(site.db.reader(), &filter, 0, 10)
            .await
            .expect("lists");
        assert_eq!(page.len() as u64, total);
        total
    };
    assert_eq!(count(None, "").await, 2);
    assert_eq!(count(Some(State::Published), "").await, 1);
    assert_eq!(count(None, "duong hue").await, 1);
    assert_eq!(count(Some(State::Draft), "duong").await, 0);
}

/// A neighbour's article in the inbox.
async fn arrival(site: &TestSite) -> (TestSite, draft::Model) {
    let neighbour = testing::site().await;
    testing::pair::know(site, &neighbour, Some(peer::Role::Member)).await;
    let draft = write(&neighbour, contents(&article())).await;
    put_out(&neighbour, &draft, None).await.expect("publishes");
    testing::deliver(&neighbour, site, draft.entry_id).await;
    (neighbour, draft)
}

#[tokio::test]
async fn who_reads_no_letters_of_ours_is_sent_none() {
    let site = testing::site().await;
    let far = testing::site().await;
    // As a commune knows its neighbours: it exchanges with its hub alone.
    testing::pair::know(&site, &far, None).await;
    let draft = write(&far, contents(&article())).await;
    put_out(&far, &draft, None).await.expect("publishes");
    testing::deliver(&far, &site, draft.entry_id).await;
    let before = events(&site).await.len();

    let reason = "Thiếu ảnh".to_owned();
    let told = decide(&site, draft.entry_id, 1, Decision::Return { reason }).await;
    assert!(matches!(told, Err(Error::Invalid(_))), "{told:?}");
    let taking = Taking {
        section: "tin-tuc".to_owned(),
        ..Taking::default()
    };
    decide(&site, draft.entry_id, 1, Decision::Accept(taking))
        .await
        .expect("accepts");
    assert_eq!(events(&site).await.len(), before, "no letter was written");
    assert_eq!(find(&site, "ca phe").await, 1, "it is shown");
}

async fn letter(site: &TestSite) -> (event::Model, Review) {
    let letter = events(site).await.pop().expect("an event");
    assert_eq!(letter.kind, "letter.review");
    let content = crate::log::content::read(
        site.db.reader(),
        letter.content_hash.as_deref().expect("a content"),
    );
    let content = content.await.expect("reads").expect("is there");
    let content = serde_json::from_slice(&content).expect("JSON");
    let review = Review::from_content(&content).expect("a review");
    (letter, review)
}

#[tokio::test]
async fn what_is_accepted_is_shown_with_our_own_words_and_its_authors_are_told() {
    let site = testing::site().await;
    let (neighbour, draft) = arrival(&site).await;
    let waits = async |unit| {
        let listed = inbox::list(&site, Placing::Inbox, unit, 0, 10).await;
        listed.expect("lists")
    };
    let waiting = waits(None).await;
    assert_eq!((waiting.arrivals.len(), waiting.total), (1, 1));
    let [sender] = waiting.senders.as_slice() else {
        panic!("{:?}", waiting.senders);
    };
    assert_eq!((sender.unit, sender.count), (neighbour.unit_id, 1));
    assert_eq!(waits(Some(neighbour.unit_id)).await.total, 1);
    let of_us = waits(Some(site.unit_id)).await;
    assert_eq!((of_us.arrivals.len(), of_us.total), (0, 0));
    assert_eq!(of_us.senders, waiting.senders, "whoever is asked for");
    assert_eq!(find(&site, "ca phe").await, 0, "nobody decided yet");

    let taking = Taking {
        section: "tin-tuc".to_owned(),
        lead: "Tin từ xã bạn.".to_owned(),
        ..Taking::default()
    };
    let accept = Decision::Accept(taking.clone());
    decide(&site, draft.entry_id, 1, accept)
        .await
        .expect("accepts");
    assert_eq!(find(&site, "ca phe").await, 1);
    let place = placement::find(site.db.reader(), draft.entry_id).await;
    let place = place.expect("reads").expect("placed");
    assert_eq!(place.lead.as_deref(), Some("Tin từ xã bạn."));
    let shown = entry(&site, draft.entry_id).await;
    assert_ne!(shown.lead, place.lead, "the copy stays what it was");

    let (event, review) = letter(&site).await;
    let to = event.signed_header().expect("a header").header.to;
    assert_eq!(to, Some(neighbour.unit_id));
    assert_eq!(review.decision, ReviewDecision::Accepted);
    assert_eq!(review.url, Some(site.address(&shown.path())));

    let again = decide(&site, draft.entry_id, 1, Decision::Accept(taking)).await;
    assert!(
        matches!(again, Err(Error::Conflict(_))),
        "somebody was faster"
    );
    let taken = inbox::list(&site, Placing::Shown, Some(neighbour.unit_id), 0, 10)
        .await
        .expect("lists");
    let decided_by = taken.arrivals[0].decided_by.as_deref();
    assert_eq!(decided_by, Some("Nguyễn Văn Ví"));
}

#[tokio::test]
async fn returning_needs_a_reason_and_a_mended_entry_waits_again() {
    let site = testing::site().await;
    let (neighbour, draft) = arrival(&site).await;
    let give_back = |reason: &str| Decision::Return {
        reason: reason.to_owned(),
    };
    let told = decide(&site, draft.entry_id, 1, give_back("  ")).await;
    match told {
        Err(Error::Invalid(errors)) => assert_eq!(errors[0].field, "reason"),
        other => panic!("{other:?}"),
    }
    assert_eq!(events(&site).await.len(), 1, "no letter was written");

    decide(&site, draft.entry_id, 1, give_back("Thiếu ảnh"))
        .await
        .expect("returns");
    let (_, review) = letter(&site).await;
    assert_eq!(review.reason.as_deref(), Some("Thiếu ảnh"));
    assert_eq!(review.url, None);
    assert_eq!(
        inbox::count(site.db.reader(), Placing::Inbox)
            .await
            .expect("counts"),
        0
    );

    let mended = draft::find(neighbour.db.reader(), draft.id).await;
    let mended = mended.expect("reads").expect("is there");
    let form = DraftForm {
        lead: "Có ảnh kèm theo.".to_owned(),
        ..article()
    };
    let mended = save(&neighbour, &mended, contents(&form))
        .await
        .expect("saves");
    put_out(&neighbour, &mended, None).await.expect("revises");
    testing::deliver(&neighbour, &site, draft.entry_id).await;
    assert_eq!(
        inbox::count(site.db.reader(), Placing::Inbox)
            .await
            .expect("counts"),
        1
    );
    let stale = decide(&site, draft.entry_id, 1, Decision::Skip).await;
    assert!(
        matches!(stale, Err(Error::Conflict(_))),
        "an older text was read"
    );
    decide(&site, draft.entry_id, 2, Decision::Skip)
        .await
        .expect("skips");
    let last = events(&site).await.pop().expect("an event");
    assert_ne!(
        last.kind, "letter.review",
        "what is passed over is passed over quietly"
    );
}

#[tokio::test]
async fn our_own_entries_are_no_arrivals() {
    let site = testing::site().await;
    let draft = write(&site, contents(&article())).await;
    put_out(&site, &draft, None).await.expect("publishes");
    let own = inbox::find(&site, draft.entry_id).await.expect("reads");
    assert!(own.is_none());
    let told = decide(&site, draft.entry_id, 1, Decision::Skip).await;
    assert!(matches!(told, Err(Error::NotFound)));
    let elsewhere = testing::site().await;
    testing::deliver(&site, &elsewhere, draft.entry_id).await;
    let told = take_back(&elsewhere, draft.entry_id, "không phải của ta").await;
    assert!(matches!(told, Err(Error::Forbidden)));
}

#[tokio::test]
async fn the_way_of_an_entry_is_told_step_by_step() {
    let site = testing::site().await;
    let draft = write(&site, contents(&article())).await;
    put_out(&site, &draft, None).await.expect("publishes");
    let way = async || sent::list(&site, 10).await.expect("lists").remove(0).way;
    assert_eq!(way().await, sent::Way::Waiting);

    let acknowledge = async |stream| {
        let cursor = cursor::Model {
            site_id: testing::HUB,
            direction: Direction::Out.as_str().to_owned(),
            lane: "regular".to_owned(),
            stream_id: stream,
            position: 1,
            given_at: None,
            head: 1,
            updated_at: 0,
        };
        site.db
            .write(move |tx| Box::pin(async move { cursor::set(tx, cursor).await }))
            .await
            .expect("moves");
    };
    acknowledge(Uuid::now_v7()).await;
    assert_eq!(
        way().await,
        sent::Way::Waiting,
        "a place in another stream is none"
    );
    acknowledge(site.stream_id()).await;
    assert_eq!(way().await, sent::Way::Received);
}
