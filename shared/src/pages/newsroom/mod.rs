//! The back office, `/quan-tri`: one file a page, each with its question to the database, its
//! handler and what its form does.
//!
//! Every route says what it [`Need`]s of whoever asks, and there is none without ([`routes`](mod@routes)).
//! A handler looks only at the object itself: whose draft, in which section. A form
//! that has to be mended is shown again with what was typed, and 422; a form that was done leads on
//! by 303, with a word about what was done in `xong`.

#[cfg(test)]
mod account_tests;
pub mod around;
mod audit;
mod auto_take;
mod autosave;
pub mod bulletins;
mod cases;
mod clock;
mod comments;
mod confirm_self;
mod desk;
mod drafts;
#[cfg(test)]
mod editor_tests;
mod face;
#[cfg(test)]
mod face_tests;
mod grant_fields;
mod inbox;
mod invitation;
mod kind_fields;
mod library;
mod lists;
pub mod manual;
#[cfg(test)]
mod matrix_tests;
#[cfg(test)]
mod media_tests;
mod my_account;
mod notes;
mod own_ranking;
mod people;
mod person;
mod preview;
mod quota;
mod readers_say;
mod refused;
mod release;
mod rights;
pub mod routes;
mod royalties;
mod satisfaction;
mod screening;
mod second_step;
mod sent;
mod set_up;
mod sign_in;
mod single_sign_on;
#[cfg(test)]
mod tests;
mod tips;
mod two_factor;
mod uploads;
mod versions;
mod word_file;
#[cfg(test)]
mod workflow_tests;
mod write;

pub use refused::PATH as REFUSED_PATH;
pub use routes::{Declared, DeskRoutes, Need};
pub use single_sign_on::BACK as SINGLE_SIGN_ON_BACK;

use crate::accounts::Right;
use crate::accounts::first_code::SET_UP_PATH;
use crate::accounts::invitation::PATH as INVITATION_PATH;
use crate::error::{CONFIRM_PATH, Result, SECOND_FACTOR_PATH, SIGN_IN_PATH};
use crate::newsroom::upload::LARGEST_FORM;
use crate::room::Want;
use crate::site::Site;
use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Where the back office begins.
pub const DESK_PATH: &str = "/quan-tri";
/// Where entries are written, and pictures and files sent with them.
pub const DRAFTS_PATH: &str = "/quan-tri/bai-viet";

/// Where files are sent in pieces.
pub const UPLOADS_PATH: &str = uploads::PATH;
/// Where pictures, files and videos are looked after.
pub const LIBRARY_PATH: &str = library::PATH;
/// Where a unit sets up how its site looks, with pictures.
pub const FACE_PATH: &str = face::PATH;

/// The routes, each with what it needs.
pub fn routes() -> DeskRoutes {
    coming_and_going()
        .merge(own_account())
        .merge(accounts())
        .merge(entries())
        .merge(writing())
        .merge(media())
        .merge(exchange())
        .merge(oversight())
        .merge(citizens())
        .merge(royalties())
}

fn coming_and_going() -> DeskRoutes {
    DeskRoutes::default()
        .get(SIGN_IN_PATH, Need::Nobody, sign_in::show)
        .post(SIGN_IN_PATH, Need::Nobody, sign_in::sign_in)
        .get(second_step::PATH, Need::Nobody, second_step::show)
        .post(second_step::PATH, Need::Nobody, second_step::check)
        .post("/quan-tri/dang-xuat", Need::Nobody, sign_in::sign_out)
        .get(single_sign_on::BEGIN, Need::Nobody, single_sign_on::begin)
        .get(single_sign_on::BACK, Need::Nobody, single_sign_on::back)
        .get(
            single_sign_on::SIGN_OUT,
            Need::Nobody,
            single_sign_on::sign_out,
        )
        .get(SET_UP_PATH, Need::Nobody, set_up::show)
        .post(SET_UP_PATH, Need::Nobody, set_up::open)
        .get(INVITATION_PATH, Need::Nobody, invitation::show)
        .post(INVITATION_PATH, Need::Nobody, invitation::take_up)
}

fn own_account() -> DeskRoutes {
    DeskRoutes::default()
        .get(CONFIRM_PATH, Need::Newcomer, confirm_self::show)
        .post(CONFIRM_PATH, Need::Newcomer, confirm_self::confirm)
        .get(SECOND_FACTOR_PATH, Need::Newcomer, two_factor::show)
        .post(SECOND_FACTOR_PATH, Need::Newcomer, two_factor::change)
        .get(single_sign_on::LINK, Need::Confirmed, single_sign_on::show)
        .post(
            single_sign_on::LINK,
            Need::Confirmed,
            single_sign_on::change,
        )
        .get(my_account::PATH, Need::Staff, my_account::show)
        .post(my_account::PATH, Need::Staff, my_account::change)
        .get(rights::PATH, Need::Staff, rights::show)
        .get(manual::PATH, Need::Staff, manual::show)
        .get(manual::PICTURE, Need::Staff, manual::picture)
}

fn accounts() -> DeskRoutes {
    let need = Need::ConfirmedRight(Right::ManageAccounts);
    DeskRoutes::default()
        .get(
            people::PATH,
            Need::Right(Right::ManageAccounts),
            people::list,
        )
        .post(people::PATH, need, people::take_back)
        .get(people::NEW, need, people::begin)
        .post(people::NEW, need, people::invite)
        .get(person::PATH, need, person::show)
        .post(person::PATH, need, person::change)
}

fn entries() -> DeskRoutes {
    let write = Need::Right(Right::WriteDraft);
    DeskRoutes::default()
        .get(DESK_PATH, Need::Staff, desk::show)
        .get(DRAFTS_PATH, Need::Staff, drafts::list)
        .get("/quan-tri/bai-viet/moi", write, write::begin)
        .post_up_to(
            LARGEST_FORM,
            "/quan-tri/bai-viet/moi",
            write,
            write::keep_new,
        )
        .post_up_to(LARGEST_FORM, word_file::PATH, write, word_file::read)
        .get("/quan-tri/bai-viet/{id}", write, write::edit)
        .post_up_to(LARGEST_FORM, "/quan-tri/bai-viet/{id}", write, write::keep)
        .get(
            "/quan-tri/bai-viet/{id}/dang",
            Need::Right(Right::Publish),
            release::ask_to_publish,
        )
        .post(
            "/quan-tri/bai-viet/{id}/dang",
            Need::Right(Right::Publish),
            release::publish,
        )
        .get(
            "/quan-tri/bai-viet/{id}/tra-lai",
            Need::Right(Right::Return),
            release::ask_to_send_back,
        )
        .post(
            "/quan-tri/bai-viet/{id}/tra-lai",
            Need::Right(Right::Return),
            release::send_back,
        )
        .get(
            "/quan-tri/bai-viet/{id}/go",
            Need::Right(Right::Withdraw),
            release::ask_to_withdraw,
        )
        .post(
            "/quan-tri/bai-viet/{id}/go",
            Need::Right(Right::Withdraw),
            release::withdraw,
        )
}

fn exchange() -> DeskRoutes {
    let inbox = Need::Right(Right::DecideInbox);
    DeskRoutes::default()
        .get("/quan-tri/hop-den", inbox, inbox::list)
        .get("/quan-tri/hop-den/{id}", inbox, inbox::show)
        .post("/quan-tri/hop-den/{id}", inbox, inbox::decide)
        .get(auto_take::PATH, inbox, auto_take::list)
        .post(auto_take::PATH, inbox, auto_take::change)
        .get("/quan-tri/da-gui", Need::Right(Right::SeeSync), sent::list)
        .get(refused::PATH, Need::Right(Right::SeeSync), refused::list)
        .post(
            refused::PATH,
            Need::Right(Right::HandleRefusals),
            refused::decide,
        )
}

/// Saving by itself, versions, notes and times.
fn writing() -> DeskRoutes {
    let write = Need::Right(Right::WriteDraft);
    let schedule = Need::Right(Right::Schedule);
    DeskRoutes::default()
        .post_up_to(
            LARGEST_FORM,
            "/quan-tri/bai-viet/tu-luu",
            write,
            autosave::begin,
        )
        .post_up_to(
            LARGEST_FORM,
            "/quan-tri/bai-viet/{id}/tu-luu",
            write,
            autosave::go_on,
        )
        .get(
            "/quan-tri/bai-viet/{id}/hen-gio",
            schedule,
            release::ask_to_schedule,
        )
        .post(
            "/quan-tri/bai-viet/{id}/hen-gio",
            schedule,
            release::schedule,
        )
        .post("/quan-tri/dong-ho", schedule, clock::confirm)
        .get(
            "/quan-tri/bai-viet/{id}/lich-su",
            Need::Staff,
            versions::show,
        )
        .get(
            "/quan-tri/bai-viet/{id}/so-sanh",
            Need::Staff,
            versions::compare,
        )
        .post(
            "/quan-tri/bai-viet/{id}/khoi-phuc",
            write,
            versions::restore,
        )
        .get("/quan-tri/bai-viet/{id}/ghi-chu", Need::Staff, notes::show)
        .post("/quan-tri/bai-viet/{id}/ghi-chu", write, notes::write)
        .get(
            "/quan-tri/bai-viet/{id}/xem-thu",
            Need::Staff,
            preview::show,
        )
}

fn media() -> DeskRoutes {
    let write = Need::Right(Right::WriteDraft);
    let piece = "/quan-tri/tai-len/{id}";
    DeskRoutes::default()
        .pieces(Method::POST, UPLOADS_PATH, write, uploads::begin)
        .pieces(Method::OPTIONS, UPLOADS_PATH, write, uploads::options)
        .pieces(Method::GET, piece, write, uploads::result)
        .pieces(Method::HEAD, piece, write, uploads::offset)
        .pieces(Method::PATCH, piece, write, uploads::append)
        .pieces(Method::DELETE, piece, write, uploads::end)
        .get(LIBRARY_PATH, write, library::list)
        .pieces(Method::POST, LIBRARY_PATH, write, library::take)
        .get("/quan-tri/thu-vien/chon", write, library::choose)
        .get("/quan-tri/thu-vien/{hex}", write, library::show)
        .post("/quan-tri/thu-vien/{hex}", write, library::describe)
        .get(
            "/quan-tri/thu-vien/{hex}/xoa",
            write,
            library::ask_to_remove,
        )
        .post("/quan-tri/thu-vien/{hex}/xoa", write, library::remove)
}

fn citizens() -> DeskRoutes {
    let read = Need::Right(Right::ReadCases);
    let tips = Need::Right(Right::ReadTips);
    let key = Need::ConfirmedRight(Right::ReadTips);
    DeskRoutes::default()
        .get(cases::PATH, read, cases::list)
        .get(cases::CASE, read, cases::show)
        .post(cases::CASE, read, cases::act)
        .get(cases::PICTURE, read, cases::picture)
        .get(comments::PATH, read, comments::list)
        .get(comments::DRAFT, read, comments::show)
        .get(comments::TABLE, read, comments::table)
        .get(tips::PATH, tips, tips::show)
        .post(tips::PATH, tips, tips::act)
        .get(tips::KEY, key, tips::ask_for_key)
        .post(tips::KEY, key, tips::make_key)
}

fn oversight() -> DeskRoutes {
    let audit = Need::Right(Right::SeeAudit);
    let lists = Need::Right(Right::ManageLists);
    let holds = Need::Right(Right::SeeHolds);
    let face = Need::Right(Right::ManageFace);
    DeskRoutes::default()
        .get(face::PATH, face, face::show)
        .post_up_to(LARGEST_FORM, face::PATH, face, face::change)
        .get(bulletins::PATH, Need::Staff, bulletins::list)
        .post(
            bulletins::PATH,
            Need::Right(Right::AcknowledgeBulletins),
            bulletins::acknowledge,
        )
        .get(own_ranking::PATH, Need::Staff, own_ranking::list)
        .get(own_ranking::ONE, Need::Staff, own_ranking::show)
        .get(own_ranking::EVIDENCE, Need::Staff, own_ranking::evidence)
        .post(
            own_ranking::ONE,
            Need::Right(Right::ObjectToRanking),
            own_ranking::say,
        )
        .get(readers_say::PATH, Need::Staff, readers_say::show)
        .get(quota::PATH, lists, quota::show)
        .post(quota::PATH, lists, quota::change)
        .get(lists::PATH, lists, lists::list)
        .post(lists::PATH, lists, lists::change)
        .get(screening::PATH, holds, screening::list)
        .post(screening::PATH, holds, screening::release)
        .get(audit::PATH, audit, audit::list)
        .get(audit::EXPORT, audit, audit::export)
}

/// What authors are paid.
fn royalties() -> DeskRoutes {
    use royalties::{PATH, adjust, files, grade, list, lock, month, own, payees, rates};
    let see = Need::Right(Right::SeeRoyalties);
    let manage = Need::Right(Right::ManageRoyalties);
    let approve = Need::Right(Right::ApproveRoyalties);
    let publish = Need::Right(Right::Publish);
    DeskRoutes::default()
        .get(PATH, see, list)
        .get(month::ONE, see, month::show)
        .post(month::ONE, approve, month::decide)
        .get(lock::LOCK, approve, lock::ask)
        .post(lock::LOCK, approve, lock::lock)
        .post(adjust::ADJUST, manage, adjust::change)
        .get(files::LINES, see, files::lines)
        .get(files::PAYMENTS, see, files::payments)
        .get(files::WORKBOOK, see, files::workbook)
        .get(payees::PATH, manage, payees::list)
        .post(payees::PATH, manage, payees::change)
        .get(rates::PATH, see, rates::show)
        .post(rates::PATH, approve, rates::change)
        .get(own::OWN, Need::Staff, own::show)
        .get(grade::GRADE, publish, grade::show)
        .post(grade::GRADE, publish, grade::change)
}

/// Turns away what would fill a disk that has no room for it, before a form is read. Whoever signs in
/// or out, decides, or takes something down, goes on.
pub async fn room_first(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Result<Response> {
    let path = request.uri().path();
    let takes_down = ["/go", "/tra-lai", "/xoa"]
        .iter()
        .any(|end| path.ends_with(end));
    let writes = [Method::POST, Method::PATCH].contains(request.method())
        && [DRAFTS_PATH, LIBRARY_PATH, UPLOADS_PATH, FACE_PATH]
            .iter()
            .any(|begin| path.starts_with(begin))
        && !takes_down;
    if writes {
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        site.room.admit(length.unwrap_or(0), Want::Growth)?;
    }
    Ok(next.run(request).await)
}
