//! `/quan-tri/nguoi-dung`, `/quan-tri/nguoi-dung/moi`: who works here, and who is invited to.

use super::around::{AtDesk, Done};
use super::grant_fields::{fields, granted};
use super::person;
use super::rights;
use crate::accounts::account::{self, OffReason};
use crate::accounts::invitation::{self, Guest};
use crate::accounts::{Grant, grant, idle, second_factor};
use crate::audit::{self, Action, Kind, Subject};
use crate::entries::section::Tree;
use crate::error::{Error, Result};
use crate::pages::cards;
use crate::pages::templates::{InvitationRow, InvitePage, PeoplePage, PersonRow, ShownOncePage};
use crate::pages::view::{Badge, FormErrors, Link, Tone};
use axum::extract::Form;
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

/// The list.
pub(super) const PATH: &str = "/quan-tri/nguoi-dung";
/// Inviting.
pub(super) const NEW: &str = "/quan-tri/nguoi-dung/moi";
/// Days before being switched off, from which on it is said.
const WARN_DAYS: i64 = 10;

pub(super) async fn list(at: AtDesk) -> Result<Response> {
    let db = at.site.db.reader();
    let now = at.site.clock.now().timestamp_millis();
    let sections = Tree::load(db).await?;
    let granted = grant::of_all(db).await?;
    let factors = second_factor::holders(db).await?;
    let people = account::list(db).await?.into_iter().map(|account| {
        let grants = granted.get(&account.id).map(Vec::as_slice);
        let has_factor = factors.contains(&account.id);
        row(
            &at,
            account,
            grants.unwrap_or_default(),
            has_factor,
            &sections,
        )
    });
    let invitations = invitation::open(db, now).await?;
    let page = PeoplePage {
        desk: at.desk("Người dùng", PATH).await?,
        people: people.collect(),
        invitations: invitations
            .iter()
            .map(|invitation| InvitationRow {
                id: invitation.id.to_string(),
                login: invitation.login.clone(),
                name: invitation.name.clone(),
                grants: in_a_line(&invitation.grants(), &sections),
                expires: cards::moment(invitation.expires_at),
            })
            .collect(),
        invite_url: NEW.to_owned(),
        rights_url: rights::PATH.to_owned(),
        idle_days: idle::DAYS,
    };
    at.answer(&page)
}

/// An account as lists and its own page show it.
pub(super) fn row(
    at: &AtDesk,
    account: account::Model,
    grants: &[Grant],
    has_factor: bool,
    sections: &Tree,
) -> PersonRow {
    let is_needed = !at.site.profile.is_demo && grants.iter().any(|grant| grant.role.is_powerful());
    let factor = match (has_factor, is_needed) {
        (true, _) => Badge::new("hai lớp", Tone::Good),
        (false, true) => Badge::new("chưa đặt hai lớp", Tone::Warning),
        (false, false) => Badge::new("chỉ mật khẩu", Tone::Quiet),
    };
    let (state, note) = match (account.active, account.off_reason()) {
        (true, _) => (Badge::new("đang dùng", Tone::Good), soon_off(&account)),
        (false, Some(OffReason::Idle)) => {
            let words = format!("Tự tắt vì {} ngày không đăng nhập.", idle::DAYS);
            (Badge::new("đã tắt", Tone::Warning), Some(words))
        }
        (false, _) => (Badge::new("đã tắt", Tone::Bad), None),
    };
    PersonRow {
        url: person::path_of(account.id),
        grants: in_a_line(grants, sections),
        state,
        last_seen: account.last_seen_at.map(cards::moment),
        factor,
        note,
        login: account.login,
        name: account.name,
    }
}

fn soon_off(account: &account::Model) -> Option<String> {
    let left = idle::days_left(account);
    // Who is over the time and on still is the last administrator.
    (1..=WARN_DAYS)
        .contains(&left)
        .then(|| format!("Sẽ tự tắt sau {left} ngày nữa nếu không đăng nhập."))
}

fn in_a_line(grants: &[Grant], sections: &Tree) -> String {
    let labels: Vec<String> = grants.iter().map(|grant| grant.label(sections)).collect();
    match labels.is_empty() {
        true => "chưa có vai trò".to_owned(),
        false => labels.join(", "),
    }
}

/// What takes an invitation back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct TakeBack {
    csrf: String,
    invitation: String,
}

pub(super) async fn take_back(at: AtDesk, Form(form): Form<TakeBack>) -> Result<Response> {
    at.user.check_form(&form.csrf)?;
    let id: Uuid = form.invitation.parse().map_err(|_| Error::NotFound)?;
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                invitation::take_back(tx, id).await?;
                let subject = Subject::of(Kind::Invitation, id);
                audit::record(tx, &by, Action::InvitationCancelled, subject, now).await
            })
        })
        .await?;
    Ok(Done::InvitationTakenBack.then(PATH))
}

/// Whom to invite.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct InviteForm {
    csrf: String,
    login: String,
    name: String,
    grant: Vec<String>,
}

pub(super) async fn begin(at: AtDesk) -> Result<Response> {
    let page = invite_page(&at, InviteForm::default(), FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn invite(
    at: AtDesk,
    axum_extra::extract::Form(form): axum_extra::extract::Form<InviteForm>,
) -> Result<Response> {
    at.user.check_form(&form.csrf)?;
    match token_for(&at, &form).await {
        Ok(token) => {
            tracing::info!(by = at.user.account.login, login = form.login, "invited");
            let link = at.site.address(&format!("{}?ma={token}", invitation::PATH));
            at.answer(&ShownOncePage {
                desk: at.desk("Đã tạo lời mời", PATH).await?,
                intro: format!(
                    "Hãy chuyển đường dẫn này cho {} qua kênh riêng, đừng đăng lên nhóm chung. Dùng được một lần, trong 7 ngày.",
                    form.name.trim()
                ),
                lines: vec![link],
                warning: "Đường dẫn chỉ hiện lần này. Nếu mất, hãy mời lại bằng cùng tên đăng nhập."
                    .to_owned(),
                next: Link::new("Về danh sách người dùng", PATH),
            })
        }
        Err(Error::Invalid(errors)) => {
            let page = invite_page(&at, form, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn token_for(at: &AtDesk, form: &InviteForm) -> Result<String> {
    let guest = Guest {
        login: form.login.clone(),
        name: form.name.clone(),
        grants: granted(&form.grant)?,
    };
    let guest = guest.check(&at.site).await?;
    let by = Some(at.user.id());
    let now = at.site.clock.now().timestamp_millis();
    let actor = at.user.actor();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let token = invitation::invite(tx, guest, by, now).await?;
                let made = invitation::find(tx, &token, now).await?;
                let made = made.ok_or(Error::NotFound)?;
                let subject = Subject::of(Kind::Invitation, made.id).titled(&made);
                audit::record(tx, &actor, Action::AccountInvited, subject, now).await?;
                Ok(token)
            })
        })
        .await
}

async fn invite_page(at: &AtDesk, form: InviteForm, errors: FormErrors) -> Result<InvitePage> {
    let chosen = granted(&form.grant).unwrap_or_default();
    let mut desk = at.desk("Mời người mới", PATH).await?;
    desk.breadcrumb = vec![Link::new("Người dùng", PATH)];
    Ok(InvitePage {
        desk,
        action: NEW.to_owned(),
        login: form.login,
        name: form.name,
        grants: fields(&at.site, &chosen).await?,
        errors,
    })
}
