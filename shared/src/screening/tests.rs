use super::holds::{self, State};
use super::{Releaser, files, refusals};
use crate::entries::record;
use crate::error::{Error, Result};
use crate::log::content;
use crate::newsroom::answered::{self, Answered};
use crate::newsroom::draft::{self, Contents};
use crate::newsroom::form::DraftForm;
use crate::newsroom::moves::{self, Person, Saving};
use crate::newsroom::workflow::Act;
use crate::newsroom::{notes, publish};
use crate::sync::refusal;
use crate::testing::pair::{self, push};
use crate::testing::{self, TestSite, press};
use bytes::Bytes;
use sea_orm::{EntityTrait, PaginatorTrait};
use std::sync::Arc;
use uuid::Uuid;

const AUTHOR: Uuid = Uuid::from_u128(0xa1);
const APPROVER: Uuid = Uuid::from_u128(0xa2);

fn contents(title: &str, body: &str) -> Contents {
    let form = DraftForm {
        kind: "article".to_owned(),
        title: title.to_owned(),
        lead: "Bà con bắt đầu hái.".to_owned(),
        body: body.to_owned(),
        section: "tin-tuc".to_owned(),
        ..DraftForm::default()
    };
    Contents::of(&form).expect("in order")
}

async fn begin(site: &TestSite, contents: Contents) -> Result<draft::Model> {
    let now = site.clock.now().timestamp_millis();
    let begun = site
        .db
        .write(move |tx| Box::pin(async move { moves::begin(tx, contents, AUTHOR, now).await }))
        .await;
    super::noted(site, AUTHOR, begun).await
}

async fn save(site: &TestSite, draft: &draft::Model, contents: Contents) -> Result<draft::Model> {
    let now = site.clock.now().timestamp_millis();
    let (id, version) = (draft.id, draft.version());
    let saved = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let by = Person::writer(AUTHOR);
                moves::save(tx, id, version, contents, &by, Saving::ByHand, now).await
            })
        })
        .await;
    super::noted(site, AUTHOR, saved).await
}

async fn lacking(site: &TestSite, draft: &draft::Model) -> Vec<String> {
    let lacking = publish::obstacles(site.db.reader(), draft, site.clock.now()).await;
    lacking
        .expect("reads")
        .into_iter()
        .map(|error| error.field)
        .collect()
}

async fn let_pass(
    site: &TestSite,
    by: Uuid,
    held: &'static [Releaser],
    why: &'static str,
) -> Result<()> {
    let open = holds::page(site.db.reader(), State::Open, 0, 10)
        .await
        .expect("reads");
    let id = open[0].id;
    site.db
        .write(move |tx| Box::pin(async move { holds::release(tx, id, by, held, why, 1).await }))
        .await
}

#[tokio::test]
async fn a_draft_with_a_mark_is_not_kept_and_only_that_it_happened_is_noted() {
    let site = testing::site().await;
    let innocent = begin(&site, contents("Vào mùa cà phê", "Năm nay được mùa."))
        .await
        .expect("kept");
    let secret = contents(
        "Kế hoạch",
        "ỦY BAN NHÂN DÂN XÃ\n\n**M\u{200b}Ậ\u{200b}T**\n\nquân số 120",
    );
    for attempt in [
        begin(&site, secret.clone()).await,
        save(&site, &innocent, secret).await,
    ] {
        match attempt {
            Err(Error::Secret(secret)) => {
                assert_eq!(secret.field_errors()[0].field, "body");
                assert!(!format!("{secret:?}").contains("quân số"), "{secret:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    let drafts = draft::Entity::find()
        .all(site.db.reader())
        .await
        .expect("reads");
    assert_eq!(drafts, [innocent]);
    let refused = refusals::page(site.db.reader(), 0, 10)
        .await
        .expect("reads");
    assert_eq!(refused.len(), 2);
    assert_eq!(refused[0].account_id, Some(AUTHOR));
    assert_eq!(
        refused[0].hash, refused[1].hash,
        "the same thing is known again"
    );
    let plain = crate::log::Digest::of("MẬT".as_bytes());
    assert_ne!(refused[0].hash, plain.as_bytes().to_vec());
}

#[tokio::test]
async fn a_number_holds_a_draft_until_somebody_else_lets_it_pass() {
    let site = testing::site().await;
    let draft = begin(&site, contents("Họp thôn", "Gọi ông A Mẫu 0912 345 678."))
        .await
        .expect("kept");
    assert_eq!(lacking(&site, &draft).await, ["body"]);
    assert!(matches!(
        let_pass(&site, AUTHOR, &[Releaser::Approver], "số công khai").await,
        Err(Error::Conflict(_))
    ));
    assert!(matches!(
        let_pass(&site, APPROVER, &[], "số công khai").await,
        Err(Error::Forbidden)
    ));
    assert!(matches!(
        let_pass(&site, APPROVER, &[Releaser::Approver], " ").await,
        Err(Error::Invalid(_))
    ));
    let_pass(
        &site,
        APPROVER,
        &[Releaser::Approver],
        "Số trực của thôn, ông A Mẫu đồng ý",
    )
    .await
    .expect("passes");
    assert!(lacking(&site, &draft).await.is_empty());

    // The same number elsewhere in the text is the same; another is not.
    let draft = save(
        &site,
        &draft,
        contents("Họp thôn", "Mời họp. Gọi 0912345678."),
    )
    .await
    .expect("kept");
    assert!(lacking(&site, &draft).await.is_empty());
    let draft = save(
        &site,
        &draft,
        contents("Họp thôn", "Gọi 0912345678, 0987654321."),
    )
    .await
    .expect("kept");
    assert_eq!(lacking(&site, &draft).await, ["body"]);
    let draft = save(
        &site,
        &draft,
        contents("Họp thôn", "Gọi 0912345678, 0xxxxxx321."),
    )
    .await
    .expect("kept");
    assert!(lacking(&site, &draft).await.is_empty());
    assert_eq!(
        holds::count(site.db.reader(), State::Open)
            .await
            .expect("counts"),
        0
    );
    assert_eq!(
        holds::count(site.db.reader(), State::Mended)
            .await
            .expect("counts"),
        1
    );
}

#[tokio::test]
async fn what_a_citizen_asked_is_screened_as_the_answer_is() {
    let site = testing::site().await;
    let with = |asked: &str| {
        answered::contents(&Answered {
            title: "Làm sổ đỏ ở đâu?".to_owned(),
            asked: asked.to_owned(),
            answer: "Nộp tại Trung tâm Phục vụ hành chính công xã.".to_owned(),
            answered_by: "Phòng Kinh tế".to_owned(),
            section: "tin-tuc".to_owned(),
            ..Answered::default()
        })
        .expect("in order")
    };
    let draft = begin(&site, with("Xin gọi lại cho tôi 0912 345 678."))
        .await
        .expect("kept");
    assert_eq!(lacking(&site, &draft).await, ["asked"], "a telephone");
    let mended = save(&site, &draft, with("Làm sổ đỏ ở đâu?")).await;
    assert!(lacking(&site, &mended.expect("kept")).await.is_empty());
    let secret = with("CÔNG AN XÃ\nMẬT\nKANARI quân số 120");
    assert!(matches!(begin(&site, secret).await, Err(Error::Secret(_))));
}

#[tokio::test]
async fn a_file_with_a_mark_or_such_a_name_is_refused_and_one_nobody_can_read_is_held() {
    let site = testing::site().await;
    let text = |text: &str| Bytes::from(text.to_owned());
    for (name, bytes) in [
        (
            "ke-hoach.txt",
            text("ỦY BAN NHÂN DÂN XÃ\nTỐI MẬT\nKế hoạch"),
        ),
        ("KH_MẬT_2026.txt", text("không có gì")),
    ] {
        let refused = files::admit(&site, Some(AUTHOR), name, bytes).await;
        assert!(
            matches!(refused, Err(Error::Secret(_))),
            "{name}: {refused:?}"
        );
    }
    assert_eq!(refusals::count(site.db.reader()).await.expect("counts"), 2);
    assert_eq!(
        files::Entity::find()
            .count(site.db.reader())
            .await
            .expect("counts"),
        0
    );

    let unreadable = Bytes::from_static(b"%PDF-1.7 nothing of a PDF");
    files::admit(&site, Some(AUTHOR), "184.pdf", unreadable.clone())
        .await
        .expect("admitted");
    let file = draft::File {
        digest: crate::log::Digest::of(&unreadable),
        name: "184.pdf".to_owned(),
    };
    let with_file = Contents {
        files: vec![file],
        ..contents("Quyết định", "Xem tệp.")
    };
    let draft = begin(&site, with_file).await.expect("kept");
    let held = holds::standing(site.db.reader(), &draft)
        .await
        .expect("reads");
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].rule, holds::UNREAD);
    // Who wrote it may say so, having read it.
    let_pass(&site, AUTHOR, &[Releaser::Approver], "Đã đọc từng trang")
        .await
        .expect("passes");
    assert!(
        holds::standing(site.db.reader(), &draft)
            .await
            .expect("reads")
            .is_empty()
    );
}

#[tokio::test]
async fn what_another_site_published_with_a_mark_is_not_stored_here_nor_passed_on() {
    let pair = pair::pair().await;
    press::article("Tin thường ngày")
        .publish(&pair.member)
        .await;
    let entry = press::article("Kế hoạch tuần")
        .body("<p>CÔNG AN XÃ</p><p><strong>M</strong>ẬT</p><p>KANARI quân số 120</p>")
        .publish(&pair.member)
        .await;
    assert_eq!(push(&pair.member, &pair.hub).await, 1, "the other is taken");
    let db = pair.hub.db.reader();
    assert!(record::find(db, entry).await.expect("reads").is_none());
    let contents = content::Entity::find().all(db).await.expect("reads");
    let says = |bytes: &Option<Vec<u8>>| {
        bytes
            .as_deref()
            .is_some_and(|bytes| String::from_utf8_lossy(bytes).contains("KANARI"))
    };
    assert!(!contents.iter().any(|content| says(&content.bytes)));
    let noted = refusals::page(db, 0, 10).await.expect("reads");
    assert_eq!(noted.len(), 1);
    assert_eq!(
        (noted[0].site_id, noted[0].entry_id),
        (Some(pair.member.id), Some(entry))
    );
    let told = refusal::page(db, 0, 10).await.expect("reads");
    assert_eq!(
        (told[0].reason.as_str(), told[0].head.as_str()),
        ("secrecy", "")
    );
    let at_home = refusal::page(pair.member.db.reader(), 0, 10)
        .await
        .expect("reads");
    assert_eq!(at_home.len(), 1, "its people are told");
    let _ = Arc::clone(&pair.hub);
}

#[tokio::test]
async fn what_is_said_beside_a_draft_is_screened_as_the_draft_is() {
    let site = testing::site().await;
    let draft = begin(&site, contents("Vào mùa cà phê", "Năm nay được mùa."))
        .await
        .expect("kept");
    let now = site.clock.now().timestamp_millis();
    let marked = "UBND XÃ\nMẬT\nquân số 120";
    let id = draft.id;
    let noted = site.db.write(move |tx| {
        Box::pin(async move {
            let new = notes::New {
                version: 1,
                quote: String::new(),
                words: marked.to_owned(),
                by: APPROVER,
            };
            notes::add(tx, id, new, now).await
        })
    });
    let noted = super::told(&site, APPROVER, noted.await).await;
    match noted {
        Err(Error::Invalid(errors)) => assert_eq!(errors[0].field, "words"),
        other => panic!("{other:?}"),
    }
    let returned = site.db.write(move |tx| {
        Box::pin(async move {
            let by = Person::approver(AUTHOR);
            let draft = moves::go(tx, draft, Act::Submit, &by, None, now).await?;
            let by = Person::approver(APPROVER);
            moves::go(tx, draft, Act::Return, &by, Some("TỐI MẬT"), now).await
        })
    });
    assert!(matches!(returned.await, Err(Error::Secret(_))));
    let notes = notes::of_draft(site.db.reader(), id).await.expect("reads");
    assert_eq!(notes, []);
    let refused = refusals::count(site.db.reader()).await.expect("counts");
    assert_eq!(refused, 1, "noted where somebody is told of it");
}
