//! `/hoi-dap/gui`, `/phan-anh/gui`, `/to-giac`, `/gop-y/{id}`: a question, a report, a tip, a comment on a draft.
//!
//! The code of the receipt is on the page that answers the form, in no address and no log. The words of a tip are
//! in memory while the form is answered, and nowhere else in the clear.

use super::FOLLOW;
use super::topic::Topic;
use super::units;
use crate::citizens::case::{self, Asked, Words};
use crate::citizens::code::Receipt;
use crate::citizens::letter::Head;
use crate::citizens::thread::{LARGEST_PICTURE, LONGEST_WORDS, MOST_PICTURES, Picture};
use crate::citizens::tip_office::{self, TipOffice};
use crate::citizens::{Kind, guard::Held};
use crate::error::{Error, FieldError, Result};
use crate::media::picture;
use crate::newsroom::form::{self, Check};
use crate::pages::frame::Around;
use crate::pages::templates::{AskPage, ReceiptPage};
use crate::pages::view::{Choice, FormErrors};
use crate::pages::visit::Visit;
use crate::room::Want;
use crate::screening;
use crate::server::ClientIp;
use crate::site::Site;
use axum::extract::{Extension, Form, Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::net::IpAddr;
use std::sync::Arc;
use uuid::Uuid;

/// The client's address, where the server told it.
type Peer = Option<Extension<ClientIp>>;

/// Longest line about what it is, in characters.
const LONGEST_SUBJECT: usize = 150;
/// Longest name, place and way to be reached, in characters.
const LONGEST_LINE: usize = 200;
/// Pictures of a report are made no wider.
const WIDEST: u32 = 1_280;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    form: String,
    /// The field nobody sees.
    website: String,
    to: String,
    subject: String,
    words: String,
    place: String,
    asker: String,
    contact: String,
    may_publish: String,
}

pub(super) async fn question(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    begin(&site, &visit, &Topic::Question).await
}

pub(super) async fn feedback(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    begin(&site, &visit, &Topic::Feedback).await
}

pub(super) async fn tip(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    begin(&site, &visit, &Topic::Tip).await
}

pub(super) async fn comment(
    State(site): State<Arc<Site>>,
    Path(id): Path<Uuid>,
    visit: Visit,
) -> Result<Response> {
    let topic = Topic::comment(&site, id).await?;
    begin(&site, &visit, &topic).await
}

async fn begin(site: &Arc<Site>, visit: &Visit, topic: &Topic) -> Result<Response> {
    let typed = Typed {
        may_publish: "co".to_owned(),
        ..Typed::default()
    };
    let page = page(site, visit, topic, typed, FormErrors::default()).await?;
    // The form bears the moment it was made: nobody else's is given out again.
    visit.answer_uncached(StatusCode::OK, &page)
}

pub(super) async fn send_question(
    State(site): State<Arc<Site>>,
    peer: Peer,
    visit: Visit,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    send(
        &site,
        &visit,
        address_of(&peer),
        &Topic::Question,
        typed,
        Vec::new(),
    )
    .await
}

pub(super) async fn send_tip(
    State(site): State<Arc<Site>>,
    peer: Peer,
    visit: Visit,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    send(
        &site,
        &visit,
        address_of(&peer),
        &Topic::Tip,
        typed,
        Vec::new(),
    )
    .await
}

pub(super) async fn send_comment(
    State(site): State<Arc<Site>>,
    Path(id): Path<Uuid>,
    peer: Peer,
    visit: Visit,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let topic = Topic::comment(&site, id).await?;
    let address = address_of(&peer);
    send(&site, &visit, address, &topic, typed, Vec::new()).await
}

pub(super) async fn send_feedback(
    State(site): State<Arc<Site>>,
    peer: Peer,
    visit: Visit,
    form: Multipart,
) -> Result<Response> {
    let (typed, files) = read(form).await?;
    send(
        &site,
        &visit,
        address_of(&peer),
        &Topic::Feedback,
        typed,
        files,
    )
    .await
}

fn address_of(peer: &Peer) -> Option<IpAddr> {
    peer.as_ref().map(|Extension(ClientIp(address))| *address)
}

/// The fields and files of a form in parts.
async fn read(mut form: Multipart) -> Result<(Typed, Vec<Vec<u8>>)> {
    let malformed = |_| Error::invalid("", "Biểu mẫu không đọc được, xin gửi lại.");
    let (mut typed, mut files) = (Typed::default(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "pictures" {
            let bytes = field.bytes().await.map_err(malformed)?;
            // A form without a picture sends an empty one.
            if !bytes.is_empty() {
                files.push(bytes.to_vec());
            }
            continue;
        }
        let text = field.text().await.map_err(malformed)?;
        match name.as_str() {
            "form" => typed.form = text,
            "website" => typed.website = text,
            "to" => typed.to = text,
            "subject" => typed.subject = text,
            "words" => typed.words = text,
            "place" => typed.place = text,
            "asker" => typed.asker = text,
            "contact" => typed.contact = text,
            _ => {}
        }
    }
    Ok((typed, files))
}

async fn send(
    site: &Arc<Site>,
    visit: &Visit,
    address: Option<IpAddr>,
    topic: &Topic,
    typed: Typed,
    files: Vec<Vec<u8>>,
) -> Result<Response> {
    let receipt = Receipt::generate()?;
    let sent = match checked(site, address, topic, &typed, files, &receipt).await {
        Ok(asked) => store(site, asked, &receipt).await,
        Err(error) => Err(error),
    };
    match sent {
        Ok((case, is_new)) => {
            site.wake();
            receipt_page(site, visit, topic, &case, is_new.then_some(&receipt)).await
        }
        Err(Error::Invalid(errors)) => again(site, visit, topic, typed, errors).await,
        // Nothing of it is kept, and nobody is named.
        Err(Error::Secret(secret)) => again(site, visit, topic, typed, secret.field_errors()).await,
        Err(error) => Err(error),
    }
}

async fn again(
    site: &Arc<Site>,
    visit: &Visit,
    topic: &Topic,
    typed: Typed,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let page = page(site, visit, topic, typed, errors.into()).await?;
    visit.answer_uncached(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn held(held: Held) -> Error {
    Error::invalid("", held.to_string())
}

/// What is asked, once everything about the form is in order.
async fn checked(
    site: &Arc<Site>,
    address: Option<IpAddr>,
    topic: &Topic,
    typed: &Typed,
    files: Vec<Vec<u8>>,
    receipt: &Receipt,
) -> Result<Asked> {
    let (kind, draft) = (topic.kind(), topic.draft());
    if let Some(reason) = draft.and_then(|draft| draft.closed.clone()) {
        return Err(Error::invalid("", reason));
    }
    let id = site.guard.id(&typed.form, site.clock.now()).map_err(held)?;
    if !typed.website.is_empty() {
        return Err(held(Held::Form));
    }
    let mut check = Check::default();
    let words = form::paragraphs(&typed.words);
    let length = words.chars().count();
    if words.trim().is_empty() {
        check.say("words", "Hãy viết nội dung.");
    } else if length > LONGEST_WORDS {
        check.say(
            "words",
            format!("Dài tối đa 4.000 ký tự, hiện có {length}. Xin viết gọn lại."),
        );
    }
    let mut line = |field: &str, typed: &str, longest: usize| {
        Some(check.line(field, typed, longest)).filter(|line| !line.is_empty())
    };
    let subject = line("subject", &typed.subject, LONGEST_SUBJECT);
    let place = line("place", &typed.place, LONGEST_LINE);
    let asker = line("asker", &typed.asker, LONGEST_LINE);
    let contact = line("contact", &typed.contact, LONGEST_LINE);
    let has_subject = matches!(kind, Kind::Question | Kind::Feedback);
    if has_subject && subject.is_none() {
        check.say("subject", "Hãy ghi một dòng nói việc gì.");
    }
    if files.len() > MOST_PICTURES {
        check.say("pictures", "Gửi được nhiều nhất 3 ảnh.");
    }
    let to = match draft {
        Some(draft) => draft.unit,
        None => typed.to.parse().unwrap_or(site.unit_id),
    };
    let office = match kind {
        Kind::Tip => office(site, to).await?,
        Kind::Question | Kind::Feedback | Kind::Comment => None,
    };
    match kind {
        Kind::Tip if office.is_none() => check.say("to", "Hãy chọn cơ quan nhận tin."),
        Kind::Question | Kind::Feedback if !units::is_reached(site, to).await? => {
            check.say(
                "to",
                "Đơn vị này hiện không nhận được. Hãy chọn đơn vị khác.",
            );
        }
        Kind::Comment if !units::is_reached(site, to).await? => check.say(
            "",
            "Cơ quan lấy ý kiến không nhận góp ý qua cổng này. Xin gửi tới nơi nhận ghi ở trang dự thảo.",
        ),
        _ => {}
    }
    check.done(()).map_err(Error::Invalid)?;
    site.room.admit(words.len() as u64, Want::Growth)?;
    // Only what is whole counts: a form that has to be mended costs nothing.
    site.guard.admit(address).map_err(held)?;
    if let Some(office) = office {
        return sealed(site, id, office, &words, contact.as_deref(), receipt);
    }
    let db = site.db.reader();
    screening::allow_text(db, "words", &words).await?;
    screening::allow_text(db, "subject", subject.as_deref().unwrap_or_default()).await?;
    let pictures = made_anew(site, files).await?;
    Ok(Asked {
        id,
        head: Head {
            kind,
            origin: site.unit_id,
            // A draft that is recalled takes its title with it.
            subject: subject.filter(|_| has_subject).unwrap_or_default(),
            entry: draft.map(|draft| draft.id),
            place: place.filter(|_| kind == Kind::Feedback),
            asker,
            contact,
            may_publish: kind == Kind::Question && !typed.may_publish.is_empty(),
            office: None,
            reply_key: None,
        },
        to,
        words: Words::Plain(words),
        pictures,
    })
}

async fn office(site: &Site, unit: Uuid) -> Result<Option<TipOffice>> {
    let offices = tip_office::all(site.db.reader()).await?;
    Ok(offices.into_iter().find(|office| office.unit == unit))
}

/// A tip: from here on nothing on this machine opens it.
fn sealed(
    site: &Site,
    id: Uuid,
    office: TipOffice,
    words: &str,
    contact: Option<&str>,
    receipt: &Receipt,
) -> Result<Asked> {
    let told = match contact {
        Some(contact) => format!("{words}\n\nLiên hệ: {contact}"),
        None => words.to_owned(),
    };
    let message = Uuid::now_v7();
    let sealed = office
        .key
        .seal(id, message, &told)
        .map_err(anyhow::Error::new)?;
    Ok(Asked {
        id,
        head: Head {
            kind: Kind::Tip,
            origin: site.unit_id,
            subject: String::new(),
            entry: None,
            place: None,
            asker: None,
            contact: None,
            may_publish: false,
            office: Some(office.unit),
            reply_key: Some(receipt.keys().public()),
        },
        to: office.unit,
        words: Words::Sealed(message, sealed),
        pictures: Vec::new(),
    })
}

/// Pictures made anew from their pixels: nothing of the file but those goes on, no place and no owner.
async fn made_anew(site: &Site, files: Vec<Vec<u8>>) -> Result<Vec<Picture>> {
    let mut pictures = Vec::with_capacity(files.len());
    for file in files {
        site.room.admit(file.len() as u64, Want::Growth)?;
        let made = picture::in_turn(move || small(&file)).await?;
        pictures.push(made.map_err(|error| Error::invalid("pictures", error.to_string()))?);
    }
    Ok(pictures)
}

fn small(file: &[u8]) -> std::result::Result<Picture, picture::PictureError> {
    let mut pixels = picture::fitted(picture::decode(file)?, WIDEST);
    let mut bytes = picture::jpeg(&pixels, 78)?;
    // A picture full of leaves: smaller until it fits into a letter.
    while bytes.len() > LARGEST_PICTURE && pixels.width() > 320 {
        let narrower = pixels.width() * 3 / 4;
        pixels = picture::fitted(pixels, narrower);
        bytes = picture::jpeg(&pixels, 70)?;
    }
    if bytes.len() > LARGEST_PICTURE {
        return Err(picture::PictureError::TooLarge);
    }
    Ok(Picture {
        bytes,
        width: pixels.width(),
        height: pixels.height(),
    })
}

async fn store(site: &Arc<Site>, asked: Asked, receipt: &Receipt) -> Result<(case::Model, bool)> {
    let (inner, receipt, id) = (Arc::clone(site), receipt.clone(), asked.id);
    let is_new = site
        .db
        .write(move |tx| Box::pin(async move { case::open(tx, &inner, asked, &receipt).await }))
        .await?;
    let case = case::find(site.db.reader(), id).await?;
    Ok((case.ok_or(Error::NotFound)?, is_new))
}

async fn receipt_page(
    site: &Arc<Site>,
    visit: &Visit,
    topic: &Topic,
    case: &case::Model,
    receipt: Option<&Receipt>,
) -> Result<Response> {
    let mut around = Around::load(site, visit).await?;
    around.is_page("Đã nhận", &topic.path());
    around.frame.head.noindex = true;
    let to = match case.kind() {
        Kind::Tip => office(site, case.holder).await?.map(|office| office.name),
        Kind::Question | Kind::Feedback | Kind::Comment => None,
    };
    let names = units::names(site, &[case.holder]).await?;
    let page = ReceiptPage {
        frame: around.frame,
        code: receipt.map(|receipt| receipt.as_str().to_owned()),
        to: to.unwrap_or_else(|| units::name_in(&names, case.holder, site)),
        due: case
            .kind()
            .has_term()
            .then(|| crate::pages::cards::day(case.due_on())),
        is_tip: case.kind() == Kind::Tip,
        follow: FOLLOW,
    };
    visit.answer_uncached(StatusCode::OK, &page)
}

async fn page(
    site: &Arc<Site>,
    visit: &Visit,
    topic: &Topic,
    typed: Typed,
    errors: FormErrors,
) -> Result<AskPage> {
    let mut around = Around::load(site, visit).await?;
    let (kind, (name, intro)) = (topic.kind(), topic.in_words());
    let action = topic.path();
    around.is_page(name, &action);
    let chosen = typed.to.parse().unwrap_or(site.unit_id);
    let (choices, offices) = match kind {
        Kind::Tip => (Vec::new(), tip_office::all(site.db.reader()).await?),
        Kind::Question | Kind::Feedback => (units::choices(site, chosen).await?, Vec::new()),
        Kind::Comment => (Vec::new(), Vec::new()),
    };
    let offices: Vec<Choice> = offices
        .into_iter()
        .map(|office| {
            let label = format!("{}: {}", office.name, office.about);
            Choice::new(office.unit.to_string(), label, office.unit == chosen)
        })
        .collect();
    Ok(AskPage {
        frame: around.frame,
        kind,
        name,
        intro,
        action,
        draft: topic.link(),
        closed: topic.draft().and_then(|draft| draft.closed.clone()),
        form: site.guard.form_again(&typed.form, site.clock.now()),
        choices,
        offices,
        subject: typed.subject,
        words: typed.words,
        place: typed.place,
        asker: typed.asker,
        contact: typed.contact,
        may_publish: !typed.may_publish.is_empty(),
        errors,
    })
}
