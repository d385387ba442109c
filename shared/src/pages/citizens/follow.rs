//! `/tra-cuu`: what became of what somebody sent. The code is in the form, never in an address.

use super::FOLLOW;
use super::thread::{self, Reader};
use crate::citizens::case::{self, Kind, Said, Words};
use crate::citizens::code::Receipt;
use crate::citizens::thread::{Act, LONGEST_WORDS, Rating, State as Standing};
use crate::citizens::tip_office;
use crate::entries::record;
use crate::error::{Error, Result};
use crate::newsroom::form;
use crate::pages::frame::Around;
use crate::pages::templates::{CasePage, FollowPage};
use crate::pages::view::{Choice, FormErrors};
use crate::pages::visit::Visit;
use crate::room::Want;
use crate::screening;
use crate::server::ClientIp;
use crate::site::Site;
use crate::vietnamese;
use axum::extract::{Extension, Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// What is sent.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    ma: String,
    action: String,
    words: String,
}

pub(super) async fn ask(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let page = form_page(&site, &visit, String::new(), FormErrors::default()).await?;
    visit.answer(&page)
}

pub(super) async fn look(
    State(site): State<Arc<Site>>,
    peer: Option<Extension<ClientIp>>,
    visit: Visit,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let address = peer.as_ref().map(|Extension(ClientIp(address))| *address);
    match found(&site, address, &sent).await {
        Ok((case, receipt)) => answer(&site, &visit, sent, case, receipt, address).await,
        Err(Error::Invalid(errors)) => {
            let page = form_page(&site, &visit, sent.ma, errors.into()).await?;
            visit.answer_uncached(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error),
    }
}

async fn found(
    site: &Site,
    address: Option<std::net::IpAddr>,
    sent: &Sent,
) -> Result<(case::Model, Receipt)> {
    let wrong = |text: String| Error::invalid("ma", text);
    site.guard
        .admit_look(address)
        .map_err(|held| wrong(held.to_string()))?;
    let receipt = Receipt::read(&sent.ma).map_err(|error| wrong(sentence(&error.to_string())))?;
    let case = case::of_receipt(site.db.reader(), &receipt).await?;
    let case = case.ok_or_else(|| {
        wrong("Trang này không có hồ sơ nào mang mã đó. Hãy tra ở chính trang đã gửi.".to_owned())
    })?;
    Ok((case, receipt))
}

fn sentence(text: &str) -> String {
    format!("{}.", crate::pages::cards::capitalised(text))
}

async fn answer(
    site: &Arc<Site>,
    visit: &Visit,
    sent: Sent,
    case: case::Model,
    receipt: Receipt,
    address: Option<std::net::IpAddr>,
) -> Result<Response> {
    let rating = Rating::parse(&sent.action);
    if sent.action != "add" && rating.is_none() {
        let page = case_page(
            site,
            visit,
            &case,
            &receipt,
            String::new(),
            FormErrors::default(),
        );
        return visit.answer_uncached(StatusCode::OK, &page.await?);
    }
    let said = match rating {
        Some(rating) => rate(site, &case, rating, address).await,
        None => add(site, &case, &sent.words, address).await,
    };
    match said {
        Ok(()) => {
            site.wake();
            let case = case::find(site.db.reader(), case.id).await?;
            let case = case.ok_or(Error::NotFound)?;
            let mut page = case_page(
                site,
                visit,
                &case,
                &receipt,
                String::new(),
                FormErrors::default(),
            )
            .await?;
            page.done = Some(match rating {
                Some(_) => "Đã ghi nhận đánh giá của bạn và chuyển tới đơn vị trả lời.",
                None => "Đã gửi thêm.",
            });
            visit.answer_uncached(StatusCode::OK, &page)
        }
        Err(error) => {
            let errors = match error {
                Error::Invalid(errors) => errors,
                Error::Secret(secret) => secret.field_errors(),
                other => return Err(other),
            };
            let page = case_page(site, visit, &case, &receipt, sent.words, errors.into()).await?;
            visit.answer_uncached(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Adds what who asked says further.
async fn add(
    site: &Arc<Site>,
    case: &case::Model,
    typed: &str,
    address: Option<std::net::IpAddr>,
) -> Result<()> {
    let words = form::paragraphs(typed);
    if words.trim().is_empty() {
        return Err(Error::invalid("words", "Hãy viết nội dung."));
    }
    if words.chars().count() > LONGEST_WORDS {
        return Err(Error::invalid("words", "Dài tối đa 4.000 ký tự."));
    }
    site.room.admit(words.len() as u64, Want::Growth)?;
    site.guard
        .admit(address)
        .map_err(|held| Error::invalid("words", held.to_string()))?;
    let db = site.db.reader();
    let words = match case.kind() {
        Kind::Tip => {
            let today = vietnamese::local(site.clock.now()).date_naive();
            let office = match case.office {
                Some(unit) => tip_office::of_unit(db, unit, today).await?,
                None => None,
            };
            let office = office.ok_or_else(|| {
                Error::invalid(
                    "words",
                    "Cơ quan này không còn nhận tin ở đây. Hãy báo tin mới tới cơ quan khác.",
                )
            })?;
            let id = Uuid::now_v7();
            let sealed = office.key.seal(case.id, id, &words);
            Words::Sealed(id, sealed.map_err(anyhow::Error::new)?)
        }
        Kind::Question | Kind::Feedback | Kind::Comment => {
            screening::allow_text(db, "words", &words).await?;
            Words::Plain(words)
        }
    };
    say(site, case, Act::Added, words, None).await
}

/// Says whether the answer is enough. Who says it again changes it; the same again is not said twice.
async fn rate(
    site: &Arc<Site>,
    case: &case::Model,
    rating: Rating,
    address: Option<std::net::IpAddr>,
) -> Result<()> {
    if !is_rated(case) {
        return Err(Error::invalid("", "Chưa có câu trả lời để đánh giá."));
    }
    if case.satisfaction() == Some(rating) {
        return Ok(());
    }
    site.room.admit(0, Want::Growth)?;
    site.guard
        .admit(address)
        .map_err(|held| Error::invalid("", held.to_string()))?;
    let nothing = Words::Plain(String::new());
    say(site, case, Act::Rated, nothing, Some(rating)).await
}

/// Whether it is asked what somebody thinks of the answer. Of a tip nothing is said in the clear, not even that.
fn is_rated(case: &case::Model) -> bool {
    case.state() == Standing::Answered && case.kind() != Kind::Tip
}

fn ratings(case: &case::Model) -> Vec<Choice> {
    let said = case.satisfaction();
    let choice =
        |rating: Rating| Choice::new(rating.as_str(), rating.label(), said == Some(rating));
    match is_rated(case) {
        true => Rating::ALL.map(choice).into(),
        false => Vec::new(),
    }
}

async fn say(
    site: &Arc<Site>,
    case: &case::Model,
    act: Act,
    words: Words,
    rating: Option<Rating>,
) -> Result<()> {
    let said = Said {
        act,
        words,
        to: None,
        rating,
        by: None,
    };
    let (inner, id) = (Arc::clone(site), case.id);
    site.db
        .write(move |tx| Box::pin(async move { case::say(tx, &inner, id, said).await }))
        .await?;
    Ok(())
}

async fn form_page(
    site: &Arc<Site>,
    visit: &Visit,
    typed: String,
    errors: FormErrors,
) -> Result<FollowPage> {
    let mut around = Around::load(site, visit).await?;
    around.is_page("Tra cứu câu hỏi, phản ánh", FOLLOW);
    Ok(FollowPage {
        frame: around.frame,
        typed,
        errors,
    })
}

/// What a case is about. A comment does not bear the title of its draft, which may be taken back.
async fn subject(site: &Site, case: &case::Model) -> Result<String> {
    let Some(entry) = case.entry_id else {
        return Ok(match case.kind() {
            Kind::Tip => "Tin báo kín".to_owned(),
            _ => case.subject.clone(),
        });
    };
    let draft = record::find(site.db.reader(), entry).await?;
    let draft = draft.filter(record::Model::is_live);
    Ok(draft.map_or_else(|| "Một dự thảo đã gỡ".to_owned(), |draft| draft.title))
}

async fn case_page(
    site: &Arc<Site>,
    visit: &Visit,
    case: &case::Model,
    receipt: &Receipt,
    typed: String,
    errors: FormErrors,
) -> Result<CasePage> {
    let mut around = Around::load(site, visit).await?;
    around.is_page("Hồ sơ của bạn", FOLLOW);
    around.frame.head.noindex = true;
    let messages = case::of_case(site.db.reader(), case.id).await?;
    // What came since the case was looked for: it never stands behind what is shown of it.
    let now = case::find(site.db.reader(), case.id).await?;
    let case = now.as_ref().unwrap_or(case);
    let keys = receipt.keys();
    let today = vietnamese::local(site.clock.now()).date_naive();
    Ok(CasePage {
        frame: around.frame,
        kind: case.kind().label(),
        subject: subject(site, case).await?,
        state: case.kind().state_label(case.state()),
        due: case
            .kind()
            .has_term()
            .then(|| thread::due_in_words(case, today)),
        lines: thread::lines(site, case, &messages, Reader::Asker(&keys)).await?,
        code: receipt.as_str().to_owned(),
        words: typed,
        ratings: ratings(case),
        done: None,
        errors,
    })
}
